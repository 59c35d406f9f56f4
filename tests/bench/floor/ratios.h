#pragma once

#include <vector>

namespace sluice::bench {

/// 0 without values.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace sluice::bench
