#include "receive/mqtt_status.h"

#include "base/timestamp_text.h"

namespace sluice {
namespace {

constexpr unsigned kSecondShift = 32;
constexpr std::uint64_t kCountMask = 0xffffffff;

}  // namespace

void MqttStatus::note_connected(WallTime now) noexcept {
  last_error_.set("");
  last_connect_unix_.set(epoch_seconds(now));
  connects_.add();
  connected_.store(true, std::memory_order_relaxed);
}

void MqttStatus::note_session(MqttProtocol protocol, bool present) noexcept {
  protocol_.set(static_cast<int>(protocol));
  session_present_.set(present ? 1 : 0);
  granted_qos_plus_1_.set(0);
}

void MqttStatus::note_granted_qos(int qos) noexcept {
  if (qos >= granted_qos_plus_1_.value()) granted_qos_plus_1_.set(qos + 1);
}

void MqttStatus::note_disconnected(WallTime now, std::string_view error) noexcept {
  last_error_.set(error);
  if (!connected()) return;
  connected_.store(false, std::memory_order_relaxed);
  last_disconnect_unix_.set(epoch_seconds(now));
  disconnects_.add();
}

void MqttStatus::note_packet(WallTime received) noexcept {
  const std::int64_t second = epoch_seconds(received);
  last_packet_unix_.set(second);
  packets_.add();
  const std::uint64_t tag = static_cast<std::uint64_t>(second) & kCountMask;
  std::atomic<std::uint64_t>& slot = seconds_[static_cast<std::uint64_t>(second) % kSlots];
  const std::uint64_t old = slot.load(std::memory_order_relaxed);
  slot.store(old >> kSecondShift == tag ? old + 1 : (tag << kSecondShift) | 1,
             std::memory_order_relaxed);
}

std::uint64_t MqttStatus::packets_in_5_minutes(WallTime now) const noexcept {
  const auto last = static_cast<std::uint64_t>(epoch_seconds(now)) & kCountMask;
  std::uint64_t sum = 0;
  for (const auto& slot : seconds_) {
    const std::uint64_t word = slot.load(std::memory_order_relaxed);
    // What a clock that was set back has left in the future is too old as well: the difference
    // wraps.
    if (((last - (word >> kSecondShift)) & kCountMask) < kSlots) sum += word & kCountMask;
  }
  return sum;
}

MqttStatusSample MqttStatus::sample(WallTime now) const {
  return {.connected = connected(),
          .last_connect_unix = last_connect_unix_.value(),
          .last_disconnect_unix = last_disconnect_unix_.value(),
          .last_packet_unix = last_packet_unix_.value(),
          .connects = connects_.value(),
          .disconnects = disconnects_.value(),
          .packets = packets_.value(),
          .packets_last_5m = packets_in_5_minutes(now),
          .protocol = static_cast<MqttProtocol>(protocol_.value()),
          .granted_qos = static_cast<int>(granted_qos_plus_1_.value()) - 1,
          .session_present = session_present_.value() != 0,
          .last_error = last_error_.get()};
}

}  // namespace sluice
