#include "metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice {
namespace {

void bump(std::atomic<std::uint64_t>& cell, std::uint64_t by) noexcept {
  cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

std::size_t Histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < kSteps) return static_cast<std::size_t>(value);
  const unsigned top = 63U - static_cast<unsigned>(std::countl_zero(value));
  const unsigned shift = top - kStepBits;
  return (shift + 1) * kSteps + static_cast<std::size_t>((value >> shift) & (kSteps - 1));
}

std::uint64_t Histogram::upper_edge(std::size_t bucket) noexcept {
  if (bucket < kSteps) return bucket;
  const unsigned shift = static_cast<unsigned>(bucket / kSteps) - 1;
  const std::uint64_t step = kSteps + bucket % kSteps;
  return (step << shift) + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::record(std::uint64_t value, std::uint64_t times) noexcept {
  bump(buckets_[bucket_of(value)], times);
  bump(sum_, value * times);
  if (value > max()) max_.store(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const noexcept {
  std::uint64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
  return total;
}

double Histogram::mean() const noexcept {
  const std::uint64_t total = count();
  return total == 0 ? 0.0
                    : static_cast<double>(sum_.load(std::memory_order_relaxed)) /
                          static_cast<double>(total);
}

std::uint64_t Histogram::quantile(double fraction) const noexcept {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(total));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= rank) return std::min(upper_edge(i), max());
  }
  return max();
}

}  // namespace sluice
