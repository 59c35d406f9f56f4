#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log_collapse.h"
#include "base/wakeup.h"
#include "receive/mqtt_inbox.h"
#include "receive/mqtt_link.h"
#include "receive/mqtt_options.h"
#include "receive/mqtt_session.h"
#include "receive/mqtt_status.h"
#include "receive/read_ahead.h"
#include "receive/wake_pace.h"

struct mosquitto_message;
struct mqtt5__property;

namespace sluice {

/// One MQTT broker as a source: connects, subscribes, appends what arrives to its journal, and
/// starts again when the connection is lost. MQTT 5 with a session that the broker keeps, 3.1.1
/// where it must be; QoS 1 messages are acknowledged when they are durable (MqttAcknowledger).
///
/// libmosquitto is driven from a poll loop of our own, because the library's loop reads one packet
/// per wake-up, where this one goes on until the socket is empty (ReadAhead), and because only so
/// it is us who say when the library may write: whatever it has queued then leaves,
/// acknowledgements included.
///
/// Thread: run() is the body of this source's receive thread; stop(), request_reconnect() and
/// status() any.
class MqttSource {
 public:
  /// `earlier`: messages of this source's session that an earlier process appended and did not
  /// acknowledge. Throws std::runtime_error when the library refuses the options,
  /// std::system_error without descriptors.
  MqttSource(MqttOptions options, Intake intake, const Clock& clock, Wakeup& feed_wakeup,
             std::span<const UnacknowledgedMessage> earlier = {});
  ~MqttSource();
  MqttSource(const MqttSource&) = delete;
  MqttSource& operator=(const MqttSource&) = delete;

  /// Receives until stop(), then closes the intake, and leaves when what it has read is durable and
  /// acknowledged, or after a few seconds.
  void run();

  void stop() noexcept;

  /// Ends a connection that stands and makes a new one; between two attempts, makes the next one
  /// now. Without effect while one is being made.
  void request_reconnect() noexcept;

  [[nodiscard]] const MqttStatus& status() const noexcept { return status_; }

 private:
  enum class Phase : std::uint8_t { kConnecting, kConnected, kLost };

  void set_callbacks();
  void wake() noexcept;
  void take_wakeup() noexcept;
  [[nodiscard]] bool begin_connect();
  void serve();
  [[nodiscard]] bool serve_once();
  [[nodiscard]] bool flush();
  [[nodiscard]] bool write_queued();
  [[nodiscard]] bool read_all();
  [[nodiscard]] bool keep_house();
  [[nodiscard]] int poll_timeout_ms(bool reading) const noexcept;
  void lose(int library_error) { lose(link_.trouble_or(mqtt_error_text(library_error))); }
  void lose(const std::string& reason);
  void tell_troubles(const std::vector<std::string>& lines) const;
  void reconnect_if_asked();
  void wait_backoff();
  void leave();
  void hang_up() noexcept;
  void say_goodbye();
  [[nodiscard]] bool stopping() const noexcept {
    return stop_requested_.load(std::memory_order_relaxed);
  }

  void on_connect(int code, bool session_present, const mqtt5__property* properties);
  void accept(bool session_present);
  void subscribe();
  void on_disconnect(int code);
  void on_subscribe(int message_id, int granted_count, const int* granted);
  void on_message(const mosquitto_message& message) noexcept;

  const MqttOptions options_;
  const Clock& clock_;
  Wakeup& feed_wakeup_;
  MqttStatus status_;
  MqttInbox inbox_;
  ProtocolChoice protocol_choice_;

  int wake_event_ = -1;  // an eventfd: what is asked from outside ends a poll at once
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> reconnect_requested_{false};

  // Of this connection or attempt.
  MqttLink link_;         // outlives client_
  MqttClient client_;     // null before the first
  ReadAhead read_ahead_;  // attached to client_'s socket; hang_up() ends both
  WakePace pace_;
  MqttProtocol protocol_ = MqttProtocol::k5;
  Phase phase_ = Phase::kLost;
  bool connect_sent_ = false;
  std::size_t delivered_ = 0;  // messages, by the read_all() that goes on
  bool socket_may_have_more_ = false;
  MonoTime now_;  // when this turn of the loop began
  MonoTime connect_deadline_;
  MonoTime connected_at_;
  MonoTime heard_at_;
  std::chrono::seconds keepalive_{0};  // what the broker says, or ours; 0: none
  MonoTime next_housekeeping_;
  std::vector<std::pair<int, std::string>> pending_subscriptions_;
  MonoTime subscribe_deadline_;  // for the SUBACKs
  std::size_t granted_topics_ = 0;

  std::uint64_t attempts_ = 0;
  LogCollapse troubles_;  // of attempts, until one is accepted
  unsigned failures_in_a_row_ = 0;
  unsigned address_turn_ = 0;  // which of the broker's addresses
  std::minstd_rand jitter_;
};

}  // namespace sluice
