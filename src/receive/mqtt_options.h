#pragma once

#include <chrono>
#include <cstddef>
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
  std::string tls_ca_file;    ///< PEM; '' = the system's authorities
  std::string tls_cert_file;  ///< PEM, the client's own chain; '' = none
  std::string tls_key_file;   ///< PEM, without a passphrase; set exactly if tls_cert_file is
  std::string username;       ///< '' = none, and then no password either
  std::string password;
  std::vector<std::string> topics;
  int qos = 1;  ///< to subscribe with, 0 or 1; at 0 the broker is asked to keep no session
  /// Names the session that the broker keeps for us; '' = none is kept.
  std::string client_id;
  /// How long the broker keeps the session while we are away (MQTT 5). 0: as long as we are there.
  std::chrono::seconds session_expiry{3600};
  /// Messages that the broker may send ahead of our acknowledgements (MQTT 5), 1 to 65535. Two
  /// thousand messages a second for a quarter of the keepalive are three quarters of 20,000.
  std::uint16_t receive_maximum = 20'000;
  /// The largest packet that the broker may send (MQTT 5), headers included.
  std::uint32_t max_packet_bytes = (1U << 20U) + kPacketHeaderBytes;
  std::chrono::seconds keepalive{30};
  std::chrono::seconds connect_timeout{10};       ///< from the first SYN to the CONNACK
  std::chrono::milliseconds first_backoff{1000};  ///< doubles with each failure, ±20 % …
  std::chrono::milliseconds last_backoff{30000};  ///< … up to this
  /// At the end, for the last window to be committed, so that it can be acknowledged.
  std::chrono::milliseconds goodbye{5000};

  /// What a PUBLISH may have besides topic and payload: fixed header, lengths, packet id, and the
  /// properties that publishers attach.
  static constexpr std::uint32_t kPacketHeaderBytes = 4096;

  /// A session is asked for that outlives the connection.
  [[nodiscard]] bool wants_session() const noexcept {
    return qos > 0 && !client_id.empty() && session_expiry.count() > 0;
  }
};

/// The number on the wire.
enum class MqttProtocol : std::uint8_t { kNone = 0, k311 = 4, k5 = 5 };

/// A ping goes out after a keepalive of silence; a broker that has not answered it by then is gone.
inline constexpr std::chrono::seconds kPingAnswer{20};

struct DestroyMqttClient {
  void operator()(mosquitto* client) const noexcept;
};
using MqttClient = std::unique_ptr<mosquitto, DestroyMqttClient>;

/// In a SUBACK, this and above: the broker refuses the filter.
inline constexpr int kSubscriptionRefused = 0x80;

/// A client with credentials and TLS as in `options`; driven from a poll loop outside the library.
/// With `session`, under the client id and with whatever session the broker keeps for it; without,
/// a clean one without an id, so that the broker keeps nothing. Good for one connection: what a
/// failed TLS handshake leaves behind makes the library refuse the next. Throws std::runtime_error
/// when the library refuses an option: a user name that is not UTF-8, a certificate that can't be
/// read.
[[nodiscard]] MqttClient make_mqtt_client(const MqttOptions& options, void* self,
                                          MqttProtocol protocol = MqttProtocol::k311,
                                          bool session = false);

/// For people: what a result of the library means, right after it came; `errno` still counts.
[[nodiscard]] std::string mqtt_error_text(int library_error);

}  // namespace sluice
