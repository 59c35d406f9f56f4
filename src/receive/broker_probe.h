#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "receive/mqtt_options.h"

namespace sluice {

/// What a broker said to one filter.
struct ProbedTopic {
  std::string filter;
  /// The highest quality of service that the broker would give, 0 to 2; -1: refused; -2: no answer.
  int granted_qos = -2;
};

/// How far we got with a broker. Each step needs the one before.
struct BrokerProbe {
  bool reached = false;    ///< its port accepts connections
  bool logged_in = false;  ///< its CONNACK said yes
  std::vector<ProbedTopic> topics;
  /// Why it went no further; '' if every filter was answered.
  std::string problem;
  std::chrono::milliseconds took{0};
};

/// Connects, subscribes to every filter, and leaves. Messages that arrive meanwhile are not looked
/// at. Takes `connect_timeout` at most, longer only where the system's name resolution does.
[[nodiscard]] BrokerProbe probe_broker(const MqttOptions& options);

/// All of them at the same time. One that is not back shortly after its time-out is given up.
[[nodiscard]] std::vector<BrokerProbe> probe_brokers(const std::vector<MqttOptions>& brokers);

}  // namespace sluice
