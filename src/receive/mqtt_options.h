#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct mosquitto;

namespace sluice {

struct MqttOptions {
  std::string tag;          ///< what logs call this source
  std::string display_url;  ///< for logs, user-info masked
  std::string host;         ///< a name or an address; with port 0, the file of a unix socket
  std::uint16_t port = 1883;
  bool web_socket = false;  ///< through a WebSocketTunnel
  std::string path;         ///< of the WebSocket's URL
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

struct DestroyMqttClient {
  void operator()(mosquitto* client) const noexcept;
};
using MqttClient = std::unique_ptr<mosquitto, DestroyMqttClient>;

/// In a SUBACK, this and above: the broker refuses the filter.
inline constexpr int kSubscriptionRefused = 0x80;

/// A client with credentials and TLS as in `options`, a clean session and no client id, so that the
/// broker keeps nothing; driven from a poll loop outside the library. Good for one connection: what
/// a failed TLS handshake leaves behind makes the library refuse the next. Throws
/// std::runtime_error when the library refuses an option: a user name that is not UTF-8, for
/// instance.
[[nodiscard]] MqttClient make_mqtt_client(const MqttOptions& options, void* self);

/// For people: what a result of the library means, right after it came; `errno` still counts.
[[nodiscard]] std::string mqtt_error_text(int library_error);

}  // namespace sluice
