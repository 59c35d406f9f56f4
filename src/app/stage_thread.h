#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/stage.h"
#include "base/wakeup.h"
#include "config/config.h"

namespace sluice {

/// What a stage's thread lets others see of it.
///
/// Thread: bound(the stage's) writes, any reads. Relaxed: each number stands for itself.
struct StageProgress {
  std::atomic<std::uint64_t> polls{0};  ///< begun
  std::atomic<std::uint64_t> moved{0};  ///< messages
  std::atomic<bool> inside{false};      ///< in a poll()
};

/// Runs one stage on a thread of its own until the stage is done: polls while there is work, sleeps
/// on the stage's wake-up or until its next deadline when there is none.
///
/// Thread: made, joined and asked by app/; the stage is bound to the thread in between.
class StageThread {
 public:
  /// `name`: at most 15 characters, as ps and top show it. `ended` is notified when the stage
  /// is done, or has thrown.
  StageThread(std::string name, Stage& stage, Wakeup& wakeup, const Clock& clock, Wakeup& ended,
              ThreadConfig placement = {});
  ~StageThread();
  StageThread(const StageThread&) = delete;
  StageThread& operator=(const StageThread&) = delete;

  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const StageProgress& progress() const noexcept { return progress_; }

  /// What the stage threw; null while it runs and when it ended well. Meaningful once finished().
  [[nodiscard]] std::exception_ptr error() const noexcept { return error_; }

  /// Makes a system call in which the stage blocks return EINTR. Harmless at any time.
  void interrupt() noexcept;

  void join();

 private:
  void run();
  [[nodiscard]] std::size_t poll_visibly();

  const std::string name_;
  const ThreadConfig placement_;
  Stage& stage_;
  Wakeup& wakeup_;
  const Clock& clock_;
  Wakeup& ended_;
  std::exception_ptr error_;  // written before finished_ (release), read after it (acquire)
  std::atomic<bool> finished_{false};
  StageProgress progress_;
  std::thread thread_;
};

}  // namespace sluice
