#include "percentiles.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sluice {

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto count = static_cast<double>(values.size());
  const auto rank = static_cast<std::size_t>(std::clamp(std::ceil(share * count), 1.0, count));
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

LatencySummary summarise(std::vector<double> values) {
  return {percentile(values, 0.50), percentile(values, 0.99), percentile(values, 1)};
}

}  // namespace sluice
