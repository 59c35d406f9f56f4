#include "app/signal_watch.h"

#include <cstdlib>

#include <pthread.h>
#include <signal.h>

#include "app/stack_dump.h"
#include "base/log.h"

namespace sluice {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGQUIT);
  sigaddset(&set, SIGABRT);  // from outside; abort() unblocks it in its own thread
  sigaddset(&set, SIGUSR2);  // once ending_, our own
  return set;
}

}  // namespace

SignalWatch::SignalWatch(Wakeup& asked) : asked_(asked) {
  struct sigaction interrupt {};
  interrupt.sa_handler = [](int) {};  // no SA_RESTART: a blocking read returns EINTR
  sigaction(SIGUSR1, &interrupt, nullptr);
  signal(SIGPIPE, SIG_IGN);
  install_stack_dump();
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { run(); });
}

SignalWatch::~SignalWatch() {
  ending_.store(true, std::memory_order_relaxed);
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void SignalWatch::end_dumps() {
  const std::lock_guard lock(dumping_);
  may_dump_ = false;
}

void SignalWatch::dump(bool and_abort) {
  const std::lock_guard lock(dumping_);
  if (may_dump_) log_stack_dump();
  if (!and_abort) return;
  if (may_dump_) flush_log(std::chrono::seconds(3));
  std::abort();
}

void SignalWatch::run() {
  pthread_setname_np(pthread_self(), "signals");
  const sigset_t set = watched_signals();
  while (!ending_.load(std::memory_order_relaxed)) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0 || ending_.load(std::memory_order_relaxed)) continue;
    if (signal == SIGUSR2 || signal == SIGQUIT || signal == SIGABRT) {
      dump(signal == SIGABRT);
      continue;
    }
    stops_asked_.fetch_add(1, std::memory_order_release);
    asked_.notify();
  }
}

}  // namespace sluice
