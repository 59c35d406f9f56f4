#include "receive/mqtt_acknowledger.h"

#include <algorithm>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskAgain = 1s;  // a sync that failed is not reported here
constexpr auto kLookWhileStopped = 5ms;
constexpr auto kLookWhileStuck = 50ms;  // stopped for longer than a sync takes
constexpr auto kLookWhileReading = 250ms;

}  // namespace

void MqttAcknowledger::begin_connection(const Limits& limits) noexcept {
  limits_ = limits;
  flushed();
}

void MqttAcknowledger::owe(std::uint64_t seq, MonoTime now) noexcept {
  if (owed_++ == 0) oldest_ = now;
  newest_ = now;
  needed_ = std::max(needed_, seq);
}

bool MqttAcknowledger::due(MonoTime now) const noexcept {
  return full() || now - oldest_ >= limits_.age ||
         (owed_ >= limits_.owed_when_quiet && now - newest_ >= limits_.quiet);
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

void MqttAcknowledger::flushed() noexcept {
  owed_ = 0;
  needed_ = 0;
  stopped_ = false;
}

std::chrono::milliseconds MqttAcknowledger::patience(MonoTime now) const noexcept {
  if (!owes()) return std::chrono::milliseconds::max();
  if (stopped_) return now - stopped_since_ < kAskAgain ? kLookWhileStopped : kLookWhileStuck;
  if (owed_ >= limits_.owed_when_quiet)
    return std::min<std::chrono::milliseconds>(limits_.quiet, kLookWhileReading);
  return kLookWhileReading;
}

}  // namespace sluice
