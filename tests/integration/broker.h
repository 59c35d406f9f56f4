#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "child_process.h"

namespace sluice::test {

/// A TCP port of 127.0.0.1 that nobody uses at this moment.
[[nodiscard]] std::uint16_t free_port();

/// What a broker listens on besides plain TCP.
struct WebSocketListeners {
  bool plain = false;
  /// PEM files; with both, a listener over TLS.
  std::string certificate_file;
  std::string key_file;
};

/// A real mosquitto on free loopback ports, for the life of a test.
class Broker {
 public:
  /// False where mosquitto is not installed: then skip.
  [[nodiscard]] static bool available();

  /// `directory` takes its config file. Starts at once.
  /// `more`: lines for the config file.
  explicit Broker(const std::string& directory, WebSocketListeners web_sockets = {},
                  std::string more = "");

  void stop();
  /// Without a goodbye to anybody.
  void kill();
  /// On the same port.
  void start();

  /// True once the broker's log says so, later than what the last call found.
  [[nodiscard]] bool wait_for_log(const std::string& text) { return process_->wait_for(text); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string ws_url() const { return "ws://127.0.0.1:" + std::to_string(ws_port_); }
  /// By name: that is what certificates are made for.
  [[nodiscard]] std::string wss_url() const {
    return "wss://localhost:" + std::to_string(wss_port_);
  }

 private:
  [[nodiscard]] bool try_start();

  std::string directory_;
  WebSocketListeners web_sockets_;
  std::string more_;
  std::uint16_t port_ = 0;
  std::uint16_t ws_port_ = 0;
  std::uint16_t wss_port_ = 0;
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
