#include "receive/mqtt_session.h"

#include <memory>

#include <mosquitto.h>
#include <mqtt_protocol.h>

namespace sluice {
namespace {

// A broker that has worked and now hangs up is in trouble, or was replaced by an older one.
constexpr unsigned kHangUpsOfASettledOne = 3;

struct FreeProperties {
  void operator()(mosquitto_property* list) const noexcept { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, FreeProperties>;

Properties connect_properties(const MqttOptions& options) {
  mosquitto_property* list = nullptr;
  if (options.wants_session()) {
    mosquitto_property_add_int32(&list, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                 static_cast<std::uint32_t>(options.session_expiry.count()));
  }
  mosquitto_property_add_int32(&list, MQTT_PROP_MAXIMUM_PACKET_SIZE, options.max_packet_bytes);
  return Properties(list);
}

}  // namespace

void ProtocolChoice::connected() noexcept {
  if (next_ == MqttProtocol::k311 && !settled_) return try_the_other();
  settled_ = true;
  hang_ups_ = 0;
}

void ProtocolChoice::version_refused() noexcept {
  try_the_other();
  settled_ = next_ == MqttProtocol::k311;  // who refuses both is asked for 5 again
}

void ProtocolChoice::hung_up() noexcept {
  if (!settled_ || ++hang_ups_ >= kHangUpsOfASettledOne) try_the_other();
}

void ProtocolChoice::try_the_other() noexcept {
  next_ = next_ == MqttProtocol::k5 ? MqttProtocol::k311 : MqttProtocol::k5;
  settled_ = false;
  hang_ups_ = 0;
}

void set_connect_properties(mosquitto* client, const MqttOptions& options) {
  // The library takes properties only along with a connect that waits, and remembers them for later
  // connects. So this one is to a place that it refuses without looking: no host, no port.
  const Properties properties = connect_properties(options);
  mosquitto_connect_bind_v5(client, "", 0, static_cast<int>(options.keepalive.count()), nullptr,
                            properties.get());
}

int subscribe_mqtt(mosquitto* client, const MqttOptions& options, const std::string& topic,
                   int& id) {
  return mosquitto_subscribe_v5(client, &id, topic.c_str(), options.qos,
                                MQTT_SUB_OPT_SEND_RETAIN_NEW, nullptr);
}

std::optional<std::chrono::seconds> server_keepalive(
    const mosquitto_property* connack_properties) noexcept {
  std::uint16_t seconds = 0;
  if (mosquitto_property_read_int16(connack_properties, MQTT_PROP_SERVER_KEEP_ALIVE, &seconds,
                                    false) == nullptr)
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string connack_text(MqttProtocol protocol, int code) {
  return protocol == MqttProtocol::k5 && code >= MQTT_RC_UNSPECIFIED
             ? mosquitto_reason_string(code)
             : mosquitto_connack_string(code);
}

bool is_version_refusal(int code) noexcept {
  return code == CONNACK_REFUSED_PROTOCOL_VERSION || code == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION;
}

}  // namespace sluice
