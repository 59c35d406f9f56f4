#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "limit_search.h"
#include "mqtt_session.h"
#include "step_judge.h"

namespace sluice {

/// --patience is for rows; the broker's own answers are not what is measured.
inline constexpr std::chrono::seconds kLeastBrokerPatience{30};

/// What the operator asked for.
struct LoadOptions {
  std::string capture;
  std::string database;
  MqttLogin login;
  std::string stats_path;
  std::optional<int> pid;
  unsigned connections = 1;
  int qos = -1;  ///< -1 = as recorded
  double rate = 250;
  double seconds = 10;
  bool find_limit = false;
  LimitSearchOptions search;
  JudgeRules rules;
  std::chrono::seconds patience{30};
  double network_rate = 0;  ///< 0 = the capture's
  bool quiet = false;
  std::string report_path;
  std::string json_path;
  std::string command_line;
};

}  // namespace sluice
