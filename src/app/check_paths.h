#pragma once

#include <vector>

#include "app/check_finding.h"
#include "config/config.h"
#include "config/load.h"

namespace sluice {

/// Files and directories that the configuration names: can the database be made or written, is the
/// file of channel keys there if somebody asked for it, is there a place for the stats file.
/// Creates nothing.
[[nodiscard]] std::vector<Finding> examine_paths(const Config& config, const LoadReport& report);

/// The setting of this key, or null.
[[nodiscard]] const Setting* find_setting(const LoadReport& report, std::string_view key);

}  // namespace sluice
