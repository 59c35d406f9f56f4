#pragma once

#include <vector>

namespace sluice {

/// The value that `share` (0 to 1) of all values do not exceed, by nearest rank; NaN when there is
/// none. Changes the order of `values`.
[[nodiscard]] double percentile(std::vector<double>& values, double share);

struct LatencySummary {
  double p50, p99, max;  ///< NaN when nothing was measured
};

[[nodiscard]] LatencySummary summarise(std::vector<double> values);

}  // namespace sluice
