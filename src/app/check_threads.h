#pragma once

#include <vector>

#include "app/check_finding.h"
#include "config/config.h"

namespace sluice {

/// What this machine would refuse of `sluice.threads`, found out by a thread that takes each place
/// for a moment. A service manager may refuse more, or grant more.
[[nodiscard]] std::vector<Finding> examine_threads(const ThreadsConfig& threads);

}  // namespace sluice
