#include "receive/mqtt_link.h"

#include <system_error>

#include <mosquitto.h>

#include "receive/broker_socket.h"

namespace sluice {
namespace {

TunnelOptions tunnel_options_of(const MqttOptions& options) {
  return {.host = options.host,
          .port = options.port,
          .path = options.path,
          .tls = options.tls,
          .verify_tls = options.verify_tls,
          .ca_file = options.tls_ca_file,
          .certificate_file = options.tls_cert_file,
          .key_file = options.tls_key_file,
          .connect_timeout = options.connect_timeout};
}

}  // namespace

std::string MqttLink::begin(mosquitto* client, const MqttOptions& options, unsigned turn) {
  const auto keepalive_s = static_cast<int>(options.keepalive.count());
  local_ = options.web_socket || options.port == 0;
  tunnel_.reset();
  try {
    if (options.web_socket) tunnel_ = std::make_unique<WebSocketTunnel>(tunnel_options_of(options));
    const std::string& host = tunnel_ ? tunnel_->local_path() : options.host;
    const int port = tunnel_ ? 0 : options.port;
    const int rc = mosquitto_connect_async(client, host.c_str(), port, keepalive_s);
    if (rc != MOSQ_ERR_SUCCESS) return mqtt_error_text(rc);
    if (tunnel_) tunnel_->start();
    if (local_) return "";
    const int socket = mosquitto_socket(client);
    if (turn > 0)
      steer_to_address(socket, look_up_and_wait(options.host, options.port).addresses, turn);
    limit_silence(socket, kPingAnswer);
    return "";
  } catch (const std::system_error& error) {
    return error.what();
  }
}

std::string MqttLink::trouble_or(const std::string& otherwise) const {
  std::string trouble = tunnel_ ? tunnel_->trouble() : "";
  if (trouble.empty()) return otherwise;
  return trouble;
}

}  // namespace sluice
