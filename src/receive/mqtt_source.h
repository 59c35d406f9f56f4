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

struct mosquitto;
struct mosquitto_message;

namespace sluice {

struct MqttOptions {
  std::string tag;          ///< what logs call this source
  std::string display_url;  ///< for logs, user-info masked
  std::string host;
  std::uint16_t port = 1883;
  bool tls = false;
  bool verify_tls = true;
  std::string username;  ///< '' = none, and then no password either
  std::string password;
  std::vector<std::string> topics;
  std::chrono::seconds keepalive{30};
  std::chrono::seconds connect_timeout{10};       ///< from the first SYN to the CONNACK
  std::chrono::milliseconds first_backoff{1000};  ///< doubles with each failure, ±20 % …
  std::chrono::milliseconds last_backoff{30000};  ///< … up to this
};

/// What is known of a connection (contract 7.3). One writer, the source's thread.
struct MqttStatus {
  std::atomic<bool> connected{false};
  std::atomic<std::uint64_t> connects{0};
  std::atomic<std::uint64_t> disconnects{0};
};

/// One MQTT broker as a source, at QoS 0 with a clean session: connects, subscribes, appends what
/// arrives to its journal, and starts again when the connection is lost.
///
/// libmosquitto is driven from a poll loop of our own, because the library's loop reads one packet
/// per wake-up: this one goes on until the socket is empty.
///
/// Thread: run() is the body of this source's receive thread; stop() and status() any.
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

  [[nodiscard]] const MqttStatus& status() const noexcept { return status_; }

 private:
  enum class Phase : std::uint8_t { kConnecting, kConnected, kLost };

  void configure();
  [[nodiscard]] bool begin_connect();
  void serve();
  [[nodiscard]] int poll_timeout_ms(MonoTime now) const noexcept;
  [[nodiscard]] bool read_all();
  void lose(int library_error);
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

  mosquitto* client_ = nullptr;
  int stop_event_ = -1;  // an eventfd, so that stop() ends a poll at once
  std::atomic<bool> stop_requested_{false};
  Phase phase_ = Phase::kLost;
  bool delivered_ = false;  // a message came out of the last library call
  bool socket_may_have_more_ = false;
  MonoTime connect_deadline_;
  MonoTime next_housekeeping_;
  std::uint64_t attempts_ = 0;
  unsigned failures_in_a_row_ = 0;
  std::vector<std::pair<int, std::string>> pending_subscriptions_;
  std::minstd_rand jitter_;
};

}  // namespace sluice
