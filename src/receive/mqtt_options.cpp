#include "receive/mqtt_options.h"

#include <cerrno>
#include <mutex>
#include <system_error>

#include <mosquitto.h>

namespace sluice {
namespace {

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

}  // namespace

void DestroyMqttClient::operator()(mosquitto* client) const noexcept { mosquitto_destroy(client); }

MqttClient make_mqtt_client(const MqttOptions& options, void* self) {
  init_library();
  MqttClient owner(mosquitto_new(nullptr, true, self));
  mosquitto* const client = owner.get();
  if (client == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot create an MQTT client");
  // We are the loop: nothing may be written from inside a library call that reads.
  mosquitto_threaded_set(client, true);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  if (!options.username.empty()) {
    mosquitto_username_pw_set(client, options.username.c_str(),
                              options.password.empty() ? nullptr : options.password.c_str());
  }
  if (options.tls) {
    mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    mosquitto_tls_opts_set(client, options.verify_tls ? 1 : 0, nullptr, nullptr);
    if (!options.verify_tls) mosquitto_tls_insecure_set(client, true);
  }
  return owner;
}

std::string mqtt_error_text(int library_error) {
  return library_error == MOSQ_ERR_ERRNO ? std::system_category().message(errno)
                                         : mosquitto_strerror(library_error);
}

}  // namespace sluice
