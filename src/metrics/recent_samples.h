#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sluice {

/// The last 1024 of a series of numbers, and the largest of all: what CoreScope's percentiles are
/// taken of (contract 6), so that its page shows the present and not the whole run.
///
/// Thread: record() bound to one stage; the rest any (a reader may see one sample too old or too
/// new).
class RecentSamples {
 public:
  static constexpr std::size_t kKept = 1024;

  void record(std::uint64_t value) noexcept;

  /// By nearest rank; 0 when nothing was recorded.
  [[nodiscard]] std::uint64_t quantile(double fraction) const noexcept;
  /// Of all that was ever recorded.
  [[nodiscard]] std::uint64_t max() const noexcept { return max_.load(std::memory_order_relaxed); }

 private:
  // Relaxed: each value stands for itself, and a reader takes what it finds.
  std::array<std::atomic<std::uint64_t>, kKept> values_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> max_{0};
};

}  // namespace sluice
