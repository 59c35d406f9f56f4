#include "receive/mqtt_acknowledger.h"

#include <algorithm>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskAgain = 1s;  // a sync that failed is not reported here
constexpr auto kLookWhileStopped = 1ms;
constexpr auto kLookWhileStuck = 50ms;  // stopped for longer than a sync takes
constexpr auto kLookWhileReading = 250ms;
constexpr auto kBrokerGoesOn = 300ms;  // who has waited for a PUBACK does, round trip included
constexpr auto kQuietAtLimit = 5ms;    // so that a limit that is none shows

}  // namespace

void MqttAcknowledger::begin_connection(const Limits& limits) noexcept {
  limits_ = limits;
  owed_ = 0;
  needed_ = 0;
  stopped_ = false;
  most_owed_ = went_quiet_at_ = brokers_limit_ = 0;
  flushed_at_ = MonoTime::min();
}

void MqttAcknowledger::owe(std::uint64_t seq, MonoTime now) noexcept {
  if (owed_++ == 0) {
    oldest_ = now;
    learn(now);
  }
  most_owed_ = std::max(most_owed_, owed_);
  if (owed_ > brokers_limit_) brokers_limit_ = 0;
  newest_ = now;
  needed_ = std::max(needed_, seq);
}

void MqttAcknowledger::learn(MonoTime now) noexcept {
  if (now > flushed_at_ + kBrokerGoesOn)
    brokers_limit_ = 0;  // it had nothing to send, so it was not waiting for us
  else if (went_quiet_at_ > 0)
    brokers_limit_ = went_quiet_at_;
}

bool MqttAcknowledger::due(MonoTime now) const noexcept {
  return full() || now - oldest_ >= limits_.age ||
         (at_brokers_limit() && now - newest_ >= kQuietAtLimit) ||
         (owed_ >= limits_.owed_when_quiet && now - newest_ >= limits_.silence);
}

MqttAcknowledger::Step MqttAcknowledger::step(std::uint64_t durable, MonoTime now) noexcept {
  if (!owes()) return Step::kRead;
  if (flushable(durable)) return Step::kFlush;
  if (stopped_) {
    if (now - asked_ < kAskAgain) return Step::kWait;
    asked_ = now;
    return Step::kSync;
  }
  if (!due(now)) return Step::kRead;
  stopped_ = true;
  stopped_since_ = asked_ = now;
  return Step::kSync;
}

void MqttAcknowledger::flushed(MonoTime now) noexcept {
  const bool quiet = owed_ > 0 && owed_ == most_owed_ && now - newest_ >= limits_.quiet;
  went_quiet_at_ = quiet ? owed_ : 0;
  flushed_at_ = now;
  owed_ = 0;
  needed_ = 0;
  stopped_ = false;
}

std::chrono::milliseconds MqttAcknowledger::patience(MonoTime now) const noexcept {
  if (!owes()) return std::chrono::milliseconds::max();
  if (stopped_) return now - stopped_since_ < kAskAgain ? kLookWhileStopped : kLookWhileStuck;
  return at_brokers_limit() ? kQuietAtLimit : kLookWhileReading;
}

}  // namespace sluice
