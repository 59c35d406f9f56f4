#include "app/signal_watch.h"

#include <pthread.h>
#include <signal.h>

namespace sluice {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR2);  // our own, to end the watch
  return set;
}

}  // namespace

SignalWatch::SignalWatch(Wakeup& asked) : asked_(asked) {
  struct sigaction interrupt {};
  interrupt.sa_handler = [](int) {};  // no SA_RESTART: a blocking read returns EINTR
  sigaction(SIGUSR1, &interrupt, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { run(); });
}

SignalWatch::~SignalWatch() {
  ending_.store(true, std::memory_order_relaxed);
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void SignalWatch::run() {
  pthread_setname_np(pthread_self(), "signals");
  const sigset_t set = watched_signals();
  while (!ending_.load(std::memory_order_relaxed)) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0 || signal == SIGUSR2) continue;
    stops_asked_.fetch_add(1, std::memory_order_release);
    asked_.notify();
  }
}

}  // namespace sluice
