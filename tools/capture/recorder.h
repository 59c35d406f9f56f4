#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mqtt_session.h"
#include "output_file.h"
#include "progress_line.h"

namespace sluice {

struct RecorderOptions {
  MqttLogin login;
  std::vector<std::string> topics;
  int qos = 0;
  std::string out;
  std::chrono::seconds duration{0};  ///< 0 = until stopped
  std::uint64_t messages = 0;        ///< 0 = until stopped
  bool quiet = false;
};

struct RecorderResult {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< of the file
  std::uint64_t connection_losses = 0;
};

/// Writes what a broker sends as a capture, and goes on after the connection was lost.
///
/// Thread: bound(its user).
class Recorder final : private MqttListener {
 public:
  explicit Recorder(const RecorderOptions& options);
  /// Runs until a limit is reached or a stop was requested. Throws when the broker can't be reached
  /// in the beginning or the file can't be written.
  [[nodiscard]] RecorderResult run();

 private:
  using Clock = std::chrono::steady_clock;

  void on_subscribed() override;
  void on_message(const mosquitto_message& message) override;
  void connect();
  void reconnect();
  void drive();
  void report();
  [[nodiscard]] bool done() const;

  const RecorderOptions& options_;
  MqttSession session_;
  OutputFile file_;
  ProgressLine progress_;
  Clock::time_point start_;
  std::optional<Clock::time_point> first_message_;
  std::size_t subscribed_ = 0;  ///< topics the broker has confirmed since the last connect
  RecorderResult result_;
};

}  // namespace sluice
