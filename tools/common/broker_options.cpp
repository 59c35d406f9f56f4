#include "broker_options.h"

namespace sluice {

void BrokerOptions::declare(CLI::App& app) {
  app.add_option("-b,--broker", broker_, "mqtt://[user:password@]host[:port], or mqtts://")
      ->capture_default_str();
  app.add_option("-u,--username", login_.url.username);
  app.add_option("-P,--password", login_.url.password);
  app.add_option("--ca-file", login_.ca_file, "certificates to trust, for mqtts://")
      ->check(CLI::ExistingFile);
  app.add_flag("--insecure", login_.insecure, "do not check the broker's name");
}

void BrokerOptions::declare_allow_remote(CLI::App& app) {
  publishes_ = true;
  app.add_flag("--allow-remote", allow_remote_, "publish to a broker on another machine");
}

MqttLogin BrokerOptions::login() const {
  std::string error;
  auto url = BrokerUrl::parse(broker_, error);
  if (!url) throw CLI::ValidationError("--broker", error);
  MqttLogin login = login_;
  if (!login.url.username.empty()) {
    url->username = login.url.username;
    url->password = login.url.password;
  }
  login.url = *url;
  if (publishes_ && !allow_remote_ && !is_loopback(url->host)) {
    throw CLI::ValidationError(
        "--broker", "'" + url->host +
                        "' is not this machine. A load test belongs on a broker of your own; if "
                        "this is one, say --allow-remote.");
  }
  return login;
}

}  // namespace sluice
