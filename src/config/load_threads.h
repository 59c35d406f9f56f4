#pragma once

#include <string>

#include "config/config.h"
#include "config/object_reader.h"

namespace sluice {

/// Reads `sluice.threads`. What is wrong whatever the machine throws ConfigError; whether the
/// machine grants it shows when a thread starts.
[[nodiscard]] ThreadsConfig load_threads(LoadContext& context, ObjectReader reader);

/// `CPUs 0-3,6; fifo 10`; '' for a thread that is left as the process was started.
[[nodiscard]] std::string to_text(const ThreadConfig& thread);

}  // namespace sluice
