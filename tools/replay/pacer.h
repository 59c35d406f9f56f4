#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

/// When a message is due, as time since the replay began.
///
/// Thread: immutable.
class Pacer {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// As fast as the broker takes it.
  [[nodiscard]] static Pacer unlimited() { return Pacer(0, 0); }
  /// As recorded, `factor` times as fast; factor > 0.
  [[nodiscard]] static Pacer recorded(double factor) { return Pacer(factor, 0); }
  /// So many messages per second, evenly; rate > 0.
  [[nodiscard]] static Pacer even(double rate) { return Pacer(0, rate); }

  /// `offset`: of the message since the capture's start, earlier rounds included.
  [[nodiscard]] Nanoseconds due(std::uint64_t index, std::chrono::milliseconds offset) const {
    if (rate_ > 0) {
      return Nanoseconds(static_cast<std::int64_t>(static_cast<double>(index) / rate_ * 1e9));
    }
    if (factor_ > 0) {
      return Nanoseconds(
          static_cast<std::int64_t>(static_cast<double>(offset.count()) / factor_ * 1e6));
    }
    return Nanoseconds(0);
  }

 private:
  Pacer(double factor, double rate) : factor_(factor), rate_(rate) {}
  double factor_;
  double rate_;
};

}  // namespace sluice
