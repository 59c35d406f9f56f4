#pragma once

#include "app/command_line.h"
#include "config/config.h"

namespace sluice {

/// Reads the config file and the environment, logs what is remarkable about them, and applies the
/// command line's overrides. Throws ConfigError.
[[nodiscard]] Config load_for(const WriteCommand& command);

/// What the command line says goes before what `config` says.
void apply_overrides(const WriteCommand& command, Config& config);

}  // namespace sluice
