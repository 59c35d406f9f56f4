#include "receive/wake_pace.h"

#include <sys/socket.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kPeriod = 10ms;
// Far apart, so that it does not go to and fro.
constexpr std::size_t kBusyWakes = 30;      // in a period: three in the millisecond to be gathered
constexpr std::size_t kQuietMessages = 10;  // in a period

}  // namespace

void WakePace::begin(int socket) noexcept {
  socket_ = socket;
  gathers_ = false;
  wakes_ = messages_ = 0;
  period_began_ = MonoTime::min();
}

void WakePace::note_wake(std::size_t messages, MonoTime now) noexcept {
  if (socket_ == kNoSocket) return;
  if (now >= period_began_ + kPeriod) {
    if (gathers_ && messages_ < kQuietMessages) gather(false);
    period_began_ = now;
    wakes_ = messages_ = 0;
  }
  ++wakes_;
  messages_ += messages;
  if (!gathers_ && wakes_ >= kBusyWakes && messages_ >= kBusyWakes) gather(true);
}

void WakePace::gather(bool yes) noexcept {
  gathers_ = yes;
  const int bytes = yes ? kGatheredBytes : 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

}  // namespace sluice
