#pragma once

#include "config/load.h"

namespace sluice {

/// Lifts the limits against floods that nobody has asked for. They count by time of receipt, which
/// a file does not have: it brings the newcomers of months within a second.
void lift_default_limits(const LoadReport& report, LimitsConfig& limits);

}  // namespace sluice
