#include "metrics/recent_samples.h"

#include <algorithm>
#include <cmath>

namespace sluice {

void RecentSamples::record(std::uint64_t value) noexcept {
  const std::uint64_t count = count_.load(std::memory_order_relaxed);
  values_[count % kKept].store(value, std::memory_order_relaxed);
  count_.store(count + 1, std::memory_order_relaxed);
  if (value > max()) max_.store(value, std::memory_order_relaxed);
}

std::uint64_t RecentSamples::quantile(double fraction) const noexcept {
  const std::size_t count = static_cast<std::size_t>(
      std::min<std::uint64_t>(count_.load(std::memory_order_relaxed), kKept));
  if (count == 0) return 0;
  std::array<std::uint64_t, kKept> sorted;
  for (std::size_t i = 0; i < count; ++i) sorted[i] = values_[i].load(std::memory_order_relaxed);
  // Up from the half, as the contract rounds.
  const auto rank =
      static_cast<std::size_t>(std::lround(fraction * static_cast<double>(count - 1)));
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(sorted.begin(), place, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return *place;
}

}  // namespace sluice
