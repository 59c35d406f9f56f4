#pragma once

#include <atomic>
#include <vector>

#include "base/clock.h"
#include "base/stage.h"
#include "base/wakeup.h"
#include "journal/journal.h"

namespace sluice {

/// Does for the journals what may take time, so that no receive thread does it: allocates segments
/// ahead of the appender, syncs, and removes the files of earlier starts once everything in them is
/// committed.
///
/// Thread: bound(keeper); stop() any.
class JournalKeeper final : public Stage {
 public:
  /// `wakeup` wakes the thread that polls this. Before anything is appended to the journals.
  JournalKeeper(const Clock& clock, Wakeup& wakeup);

  /// A journal to tend from now on. Before the first poll().
  void add(Journal& journal);

  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return stopped_.load(std::memory_order_relaxed); }
  [[nodiscard]] MonoTime next_deadline() const override { return next_look_; }

  void stop() noexcept;

 private:
  const Clock& clock_;
  Wakeup& wakeup_;
  std::vector<Journal*> journals_;
  MonoTime next_look_;
  bool warned_of_room_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace sluice
