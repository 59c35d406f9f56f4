#pragma once

#include <vector>

#include "app/check_finding.h"
#include "config/config.h"
#include "config/load.h"

namespace sluice {

/// What is remarkable about a configuration that could be loaded, without going out to the network
/// or opening the database: typing errors, keys without effect, sources this version can't speak
/// to, topics that overlap, channel keys that never fit.
[[nodiscard]] std::vector<Finding> examine_config(const Config& config, const LoadReport& report,
                                                  const Environment& environment);

}  // namespace sluice
