#pragma once

#include <string>

namespace sluice {

struct CheckCommand {
  std::string config_path = "config.json";
  bool connect = false;  ///< also try the brokers and look into the database
};

/// `sluice check`: shows what each setting resolved to and where it came from, and says what would
/// go wrong. Changes nothing, logs nothing. Returns 0 if `sluice run` would run, else 1.
[[nodiscard]] int check(const CheckCommand& command);

}  // namespace sluice
