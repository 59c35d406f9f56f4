#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/wakeup.h"
#include "receive/intake.h"
#include "receive/mqtt_link.h"
#include "receive/mqtt_options.h"
#include "receive/mqtt_status.h"

struct mosquitto_message;

namespace sluice {

/// One MQTT broker as a source, at QoS 0 with a clean session: connects, subscribes, appends what
/// arrives to its journal, and starts again when the connection is lost.
///
/// libmosquitto is driven from a poll loop of our own, because the library's loop reads one packet
/// per wake-up: this one goes on until the socket is empty.
///
/// Thread: run() is the body of this source's receive thread; stop(), request_reconnect() and
/// status() any.
class MqttSource {
 public:
  /// Throws std::runtime_error when the library refuses the options, std::system_error without
  /// descriptors.
  MqttSource(MqttOptions options, Intake intake, const Clock& clock, Wakeup& feed_wakeup);
  ~MqttSource();
  MqttSource(const MqttSource&) = delete;
  MqttSource& operator=(const MqttSource&) = delete;

  /// Receives until stop(), then closes the intake.
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
  [[nodiscard]] int poll_timeout_ms(MonoTime now) const noexcept;
  [[nodiscard]] bool read_all();
  void lose(int library_error) { lose(link_.trouble_or(mqtt_error_text(library_error))); }
  void lose(const std::string& reason);
  void reconnect_if_asked();
  void wait_backoff();
  [[nodiscard]] bool stopping() const noexcept {
    return stop_requested_.load(std::memory_order_relaxed);
  }

  void on_connect(int code);
  void on_disconnect(int code);
  void on_subscribe(int message_id, int granted_count, const int* granted);
  void on_message(const mosquitto_message& message) noexcept;

  const MqttOptions options_;
  Intake intake_;
  const Clock& clock_;
  Wakeup& feed_wakeup_;
  MqttStatus status_;

  MqttLink link_;        // outlives client_
  MqttClient client_;    // of this connection or attempt; null before the first
  int wake_event_ = -1;  // an eventfd: what is asked from outside ends a poll at once
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> reconnect_requested_{false};
  Phase phase_ = Phase::kLost;
  bool delivered_ = false;  // a message came out of the last library call
  bool socket_may_have_more_ = false;
  MonoTime connect_deadline_;
  MonoTime connected_at_;
  MonoTime next_housekeeping_;
  std::uint64_t attempts_ = 0;
  unsigned failures_in_a_row_ = 0;
  std::vector<std::pair<int, std::string>> pending_subscriptions_;
  std::minstd_rand jitter_;
};

}  // namespace sluice
