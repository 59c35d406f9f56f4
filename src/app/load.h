#pragma once

#include "app/command_line.h"
#include "config/load.h"

namespace sluice {

/// Starts the log in the form that the command asks for, or that fits what stderr is. load_for()
/// may still change it.
void begin_log(const WriteCommand& command);

/// Reads the config file and the environment, logs what is remarkable about them, and applies the
/// command line's overrides. Throws ConfigError.
[[nodiscard]] Config load_for(const WriteCommand& command, LoadReport& report);

/// What the command line says goes before what `config` says.
void apply_overrides(const WriteCommand& command, Config& config);

}  // namespace sluice
