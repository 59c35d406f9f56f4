#pragma once

#include <memory>
#include <string>

#include "receive/mqtt_options.h"
#include "receive/websocket_tunnel.h"

namespace sluice {

/// The way from an MQTT client to its broker: straight, or through a tunnel where the broker is
/// behind a WebSocket. Outlives the client's connection: reset the client first.
///
/// Thread: bound to the client's.
class MqttLink {
 public:
  /// Lets `client` begin to connect, without waiting except, on the straight way, for the name.
  /// `turn`: which of several addresses to begin with, see steer_to_address(). Returns what is
  /// wrong, for people, '' if nothing is yet.
  [[nodiscard]] std::string begin(mosquitto* client, const MqttOptions& options, unsigned turn = 0);

  /// Ends a tunnel; takes a quarter of a second at most.
  void reset() noexcept { tunnel_.reset(); }

  /// Why the tunnel has ended or is not there yet; `otherwise` where it is not to blame, or is
  /// none.
  [[nodiscard]] std::string trouble_or(const std::string& otherwise) const;

  /// True if the client's socket ends on this machine: it hangs up in one act, with what was sent
  /// last still to be read.
  [[nodiscard]] bool local() const noexcept { return local_; }

  /// True once the broker's port has accepted us, as far as the tunnel knows; without one, true.
  [[nodiscard]] bool reached() const noexcept { return !tunnel_ || tunnel_->reached(); }

  /// False while the tunnel has not stood yet: then the broker has not seen what the client sent.
  [[nodiscard]] bool opened() const noexcept { return !tunnel_ || tunnel_->opened(); }

 private:
  std::unique_ptr<WebSocketTunnel> tunnel_;
  bool local_ = false;
};

}  // namespace sluice
