#include "app/stage_thread.h"

#include <algorithm>
#include <csignal>

#include <pthread.h>

#include "app/thread_placement.h"

namespace sluice {
namespace {

// Wake-ups are not lost; this only bounds what a mistake in that reasoning could cost.
constexpr std::chrono::milliseconds kLongestSleep{250};

}  // namespace

StageThread::StageThread(std::string name, Stage& stage, Wakeup& wakeup, const Clock& clock,
                         Wakeup& ended, ThreadConfig placement)
    : name_(std::move(name)),
      placement_(std::move(placement)),
      stage_(stage),
      wakeup_(wakeup),
      clock_(clock),
      ended_(ended),
      thread_([this] { run(); }) {}

StageThread::~StageThread() { join(); }

void StageThread::join() {
  if (thread_.joinable()) thread_.join();
}

void StageThread::interrupt() noexcept {
  if (thread_.joinable() && !finished()) pthread_kill(thread_.native_handle(), SIGUSR1);
}

std::size_t StageThread::poll_visibly() {
  // Relaxed, and no read-modify-write: this thread is the only one that writes.
  progress_.polls.store(progress_.polls.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  progress_.inside.store(true, std::memory_order_relaxed);
  const std::size_t moved = stage_.poll();
  progress_.inside.store(false, std::memory_order_relaxed);
  progress_.moved.store(progress_.moved.load(std::memory_order_relaxed) + moved,
                        std::memory_order_relaxed);
  return moved;
}

void StageThread::run() {
  begin_thread(name_, placement_);
  try {
    while (!stage_.done()) {
      const std::uint32_t ticket = wakeup_.prepare();
      if (poll_visibly() != 0 || stage_.done()) continue;
      const MonoTime deadline = stage_.next_deadline();
      const MonoTime now = clock_.mono();
      const MonoTime until = std::min(deadline, now + kLongestSleep);
      if (until > now) wakeup_.wait(ticket, until - now);
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  finished_.store(true, std::memory_order_release);
  ended_.notify();
}

}  // namespace sluice
