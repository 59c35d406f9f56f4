#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "mqtt_session.h"

namespace sluice {

/// The options that say which broker and how to log in, the same for all tools.
///
/// Thread: bound(its user).
class BrokerOptions {
 public:
  void declare(CLI::App& app);
  /// For programs that publish: without --allow-remote only a broker on this machine will do.
  void declare_allow_remote(CLI::App& app);

  /// After parsing. Throws CLI::ValidationError.
  [[nodiscard]] MqttLogin login() const;

 private:
  std::string broker_ = "mqtt://localhost:1883";
  MqttLogin login_;
  bool publishes_ = false;
  bool allow_remote_ = false;
};

}  // namespace sluice
