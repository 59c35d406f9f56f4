#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace sluice {

/// A fixed number of bytes on their way from one socket to another, in order.
///
/// Thread: bound to the one that pumps.
template <std::size_t kCapacity>
class ByteRing {
 public:
  [[nodiscard]] bool empty() const noexcept { return taken_ == put_; }
  [[nodiscard]] bool full() const noexcept { return put_ - taken_ == kCapacity; }
  [[nodiscard]] std::size_t size() const noexcept { return put_ - taken_; }

  /// Where the next bytes may be put: all that is free in one piece. Empty only if full().
  [[nodiscard]] std::span<char> free_part() noexcept {
    const std::size_t place = put_ % kCapacity;
    return {bytes_.data() + place, std::min(kCapacity - place, kCapacity - size())};
  }
  void put(std::size_t count) noexcept { put_ += count; }

  /// The oldest bytes, as many as lie in one piece. Empty only if empty().
  [[nodiscard]] std::span<const char> used_part() const noexcept {
    const std::size_t place = taken_ % kCapacity;
    return {bytes_.data() + place, std::min(kCapacity - place, size())};
  }
  void take(std::size_t count) noexcept { taken_ += count; }

 private:
  static_assert((kCapacity & (kCapacity - 1)) == 0, "so that the counters may wrap");

  std::array<char, kCapacity> bytes_;
  std::size_t put_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace sluice
