#include "stop_signal.h"

#include <csignal>

namespace sluice {
namespace {

volatile std::sig_atomic_t stop_flag = 0;

extern "C" void note_stop(int) { stop_flag = 1; }

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = note_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART: waiting has to end
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() noexcept { return stop_flag != 0; }

}  // namespace sluice
