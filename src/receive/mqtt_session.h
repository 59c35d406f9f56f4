#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "receive/mqtt_options.h"

struct mqtt5__property;  // the library's mosquitto_property

namespace sluice {

/// Which version of MQTT to speak to one broker: 5, and 3.1.1 once the broker has said that it does
/// not speak 5. Brokers that know nothing of version 5 say so in their CONNACK, or just hang up,
/// which a broker in trouble does as well: so a hang-up lets the other version try, and if that is
/// 3.1.1 it stays for one connection.
///
/// Pure logic. Thread: bound(receive).
class ProtocolChoice {
 public:
  /// For the attempt that begins now.
  [[nodiscard]] MqttProtocol next() const noexcept { return next_; }

  /// The CONNACK said yes.
  void connected() noexcept;
  /// The CONNACK said: not this version.
  void version_refused() noexcept;
  /// The connection ended after CONNECT had gone out and before a CONNACK.
  void hung_up() noexcept;

 private:
  void try_the_other() noexcept;

  MqttProtocol next_ = MqttProtocol::k5;
  bool settled_ = false;   // 5 has worked, or was refused
  unsigned hang_ups_ = 0;  // in a row
};

/// Before the connect: has a client that was made for MQTT 5 tell the broker how long to keep the
/// session and how large a packet may be.
void set_connect_properties(mosquitto* client, const MqttOptions& options);

/// Subscribes at the options' QoS; in MQTT 5 retained messages come with the first subscription of
/// a session only (retain handling 1). Returns the library's result; `id` is that of the SUBACK.
[[nodiscard]] int subscribe_mqtt(mosquitto* client, const MqttOptions& options,
                                 const std::string& topic, int& id);

/// The keepalive that a CONNACK's properties ask for instead of ours, which the library then keeps;
/// 0: none. nullopt: ours is fine.
[[nodiscard]] std::optional<std::chrono::seconds> server_keepalive(
    const mqtt5__property* connack_properties) noexcept;

/// For people: why a CONNACK was a refusal.
[[nodiscard]] std::string connack_text(MqttProtocol protocol, int code);

/// The CONNACK says that the broker does not speak this version.
[[nodiscard]] bool is_version_refusal(int code) noexcept;

}  // namespace sluice
