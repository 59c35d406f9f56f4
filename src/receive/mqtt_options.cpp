#include "receive/mqtt_options.h"

#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <system_error>

#include <mosquitto.h>

namespace sluice {
namespace {

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

void require(int result, const MqttOptions& options, const char* what) {
  if (result == MOSQ_ERR_SUCCESS) return;
  throw std::runtime_error("MQTT [" + options.tag + "]: " + what + ": " +
                           mosquitto_strerror(result));
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
  require(mosquitto_threaded_set(client, true), options, "external loop");
  require(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1), options, "TCP_NODELAY");
  if (!options.username.empty()) {
    const char* const password = options.password.empty() ? nullptr : options.password.c_str();
    require(mosquitto_username_pw_set(client, options.username.c_str(), password), options,
            "username or password");
  }
  if (options.tls && !options.web_socket) {  // else it is the tunnel's
    require(mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1), options,
            "TLS certificates");
    require(mosquitto_tls_opts_set(client, options.verify_tls ? 1 : 0, nullptr, nullptr), options,
            "TLS verification");
    if (!options.verify_tls)
      require(mosquitto_tls_insecure_set(client, true), options, "TLS without host name check");
  }
  return owner;
}

std::string mqtt_error_text(int library_error) {
  return library_error == MOSQ_ERR_ERRNO ? std::system_category().message(errno)
                                         : mosquitto_strerror(library_error);
}

}  // namespace sluice
