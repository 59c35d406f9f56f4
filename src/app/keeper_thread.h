#pragma once

#include <exception>
#include <string>

#include "app/pipeline.h"
#include "app/stage_thread.h"

namespace sluice {

/// The thread that tends the journals, from before the first message until the last is committed.
///
/// Thread: main.
class KeeperThread {
 public:
  /// `ended` is notified when the keeper fails.
  KeeperThread(Pipeline& pipeline, const Clock& clock, Wakeup& ended,
               const ThreadConfig& placement = {})
      : keeper_(pipeline.keeper()),
        thread_("journal", pipeline.keeper(), pipeline.keeper_wakeup(), clock, ended, placement) {}
  ~KeeperThread() { stop(); }
  KeeperThread(const KeeperThread&) = delete;
  KeeperThread& operator=(const KeeperThread&) = delete;

  void stop() noexcept {
    keeper_.stop();
    thread_.join();
  }

  [[nodiscard]] const StageThread& thread() const noexcept { return thread_; }

  /// What it has thrown, or null.
  [[nodiscard]] std::exception_ptr failure() const noexcept {
    return thread_.finished() ? thread_.error() : nullptr;
  }

 private:
  JournalKeeper& keeper_;
  StageThread thread_;
};

}  // namespace sluice
