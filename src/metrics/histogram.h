#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace sluice {

/// Log-linear histogram of non-negative numbers: 16 steps per doubling, so a percentile is at most
/// 6 % too high, in 8 KiB whatever was recorded.
///
/// Thread: record() bound to one stage; the rest any (a reader may miss what is being recorded).
class Histogram {
 public:
  void record(std::uint64_t value, std::uint64_t times = 1) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] std::uint64_t max() const noexcept { return max_.load(std::memory_order_relaxed); }
  [[nodiscard]] double mean() const noexcept;

  /// The upper edge of the step in which the `fraction` (0 to 1) quantile lies; 0 when nothing was
  /// recorded. Never above max().
  [[nodiscard]] std::uint64_t quantile(double fraction) const noexcept;

 private:
  static constexpr unsigned kStepBits = 4;
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = (64 - kStepBits + 1) * kSteps;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value) noexcept;
  [[nodiscard]] static std::uint64_t upper_edge(std::size_t bucket) noexcept;

  // Relaxed: each bucket is a count of its own with one writer.
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
  std::atomic<std::uint64_t> max_{0};
};

}  // namespace sluice
