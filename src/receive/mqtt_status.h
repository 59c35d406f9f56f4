#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "metrics/counter.h"
#include "receive/mqtt_options.h"
#include "receive/shared_text.h"

namespace sluice {

/// One moment of an MqttStatus. Times are seconds since the epoch, 0 for never.
struct MqttStatusSample {
  bool connected = false;
  std::int64_t last_connect_unix = 0;
  std::int64_t last_disconnect_unix = 0;
  std::int64_t last_packet_unix = 0;
  std::uint64_t connects = 0;
  std::uint64_t disconnects = 0;
  std::uint64_t packets = 0;
  std::uint64_t packets_last_5m = 0;
  MqttProtocol protocol = MqttProtocol::kNone;  ///< of the last connection
  int granted_qos = -1;          ///< the highest of the last connection's topics; -1: none yet
  bool session_present = false;  ///< the last connection found its session at the broker
  std::string last_error;  ///< why the last connection ended or could not be made; '' while one
                           ///< stands
};

/// What is known of a broker's connection (contract 7.3). Lives as long as the source.
///
/// Thread: note_…() bound(receive); the rest any. All counters are relaxed: each is a number of its
/// own. A message costs three loads and three stores on lines that only this thread writes.
class MqttStatus {
 public:
  /// The CONNACK has come.
  void note_connected(WallTime now) noexcept;
  /// What the CONNACK told besides; nothing is granted yet.
  void note_session(MqttProtocol protocol, bool present) noexcept;
  void note_granted_qos(int qos) noexcept;
  /// The connection has ended, or (without counting a disconnect) an attempt has failed.
  void note_disconnected(WallTime now, std::string_view error) noexcept;
  void note_packet(WallTime received) noexcept;
  /// The receive loop has come round; at least once a second while it is connected.
  void note_turn() noexcept { turns_.add(); }

  /// True from the CONNACK to the next disconnect, and at no other time (deviation D18).
  [[nodiscard]] bool connected() const noexcept {
    return connected_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t connects() const noexcept { return connects_.value(); }
  [[nodiscard]] std::uint64_t packets() const noexcept { return packets_.value(); }

  /// Of the receive loop. One that stands still while connected() is true is stuck.
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_.value(); }

  /// Messages received in the 300 seconds that end with `now`'s.
  [[nodiscard]] std::uint64_t packets_in_5_minutes(WallTime now) const noexcept;
  [[nodiscard]] MqttStatusSample sample(WallTime now) const;

 private:
  static constexpr std::size_t kSlots = 300;

  std::atomic<bool> connected_{false};
  Gauge last_connect_unix_;
  Gauge last_disconnect_unix_;
  Counter turns_;
  Counter connects_;
  Counter disconnects_;
  Gauge protocol_;
  Gauge granted_qos_plus_1_;  // 0: none yet
  Gauge session_present_;
  SharedText last_error_;

  Gauge last_packet_unix_;
  Counter packets_;
  // One slot per second, found by second modulo 300. Its upper half says which second it counts (so
  // nobody has to clear it), its lower half how many; both in one word, so a reader never mixes two
  // seconds.
  std::array<std::atomic<std::uint64_t>, kSlots> seconds_{};
};

}  // namespace sluice
