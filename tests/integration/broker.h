#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "child_process.h"

namespace sluice::test {

/// A real mosquitto on a free loopback port, for the life of a test.
class Broker {
 public:
  /// False where mosquitto is not installed: then skip.
  [[nodiscard]] static bool available();

  /// `directory` takes its config file. Starts at once.
  explicit Broker(const std::string& directory);

  void stop();
  /// On the same port.
  void start();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

 private:
  [[nodiscard]] bool try_start();

  std::string directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// Publishes to a broker from the test's own thread, at QoS 1, so that each returned call has been
/// accepted.
class Publisher {
 public:
  explicit Publisher(const Broker& broker);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void publish(const std::string& topic, const std::string& payload, bool retain = false);
  /// Returns when the broker has everything.
  void flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::test
