#include "receive/mqtt_options.h"

#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <system_error>

#include <mosquitto.h>
#include <mqtt_protocol.h>

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

/// The library's default asks at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*self*/) { return 0; }

const char* c_str_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

void set_up_tls(mosquitto* client, const MqttOptions& options) {
  // An authority of one's own takes the place of the system's: who names one trusts nobody else.
  const bool own_authority = !options.tls_ca_file.empty();
  if (!own_authority) {
    require(mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1), options,
            "TLS certificates");
  }
  if (own_authority || !options.tls_cert_file.empty()) {
    // The library takes a client certificate only along with authorities; the system's come from
    // the option above, and a folder that is searched besides them does no harm.
    require(mosquitto_tls_set(client, c_str_or_null(options.tls_ca_file),
                              own_authority ? nullptr : "/etc/ssl/certs",
                              c_str_or_null(options.tls_cert_file),
                              c_str_or_null(options.tls_key_file), no_passphrase),
            options, "a TLS file can't be read");
  }
  require(mosquitto_tls_opts_set(client, options.verify_tls ? 1 : 0, nullptr, nullptr), options,
          "TLS verification");
  if (!options.verify_tls)
    require(mosquitto_tls_insecure_set(client, true), options, "TLS without host name check");
}

}  // namespace

void DestroyMqttClient::operator()(mosquitto* client) const noexcept { mosquitto_destroy(client); }

MqttClient make_mqtt_client(const MqttOptions& options, void* self, MqttProtocol protocol,
                            bool session) {
  init_library();
  MqttClient owner(mosquitto_new(session ? options.client_id.c_str() : nullptr, !session, self));
  mosquitto* const client = owner.get();
  if (client == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot create an MQTT client");
  // We are the loop: nothing may be written from inside a library call that reads.
  require(mosquitto_threaded_set(client, true), options, "external loop");
  require(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1), options, "TCP_NODELAY");
  require(mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, static_cast<int>(protocol)),
          options, "protocol version");
  require(mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, options.receive_maximum), options,
          "receive maximum");
  if (!options.username.empty()) {
    require(mosquitto_username_pw_set(client, options.username.c_str(),
                                      c_str_or_null(options.password)),
            options, "username or password");
  }
  if (options.tls && !options.web_socket) set_up_tls(client, options);  // else it is the tunnel's
  return owner;
}

std::string mqtt_error_text(int library_error) {
  if (library_error == MOSQ_ERR_ERRNO) return std::system_category().message(errno);
  // Above all others: what a broker says in MQTT 5 when it hangs up.
  return library_error >= MQTT_RC_UNSPECIFIED ? mosquitto_reason_string(library_error)
                                              : mosquitto_strerror(library_error);
}

}  // namespace sluice
