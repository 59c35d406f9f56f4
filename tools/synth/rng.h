#pragma once

#include <cassert>
#include <cstdint>
#include <span>

namespace sluice {

/// SplitMix64 with integer helpers. The standard library's distributions differ between
/// implementations; these do not, which is what makes a seed mean the same bytes everywhere.
///
/// Never draw twice in one argument list: the order of evaluation is the compiler's choice.
///
/// Thread: bound(its user).
class Rng {
 public:
  explicit Rng(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  /// 0 to n-1; n must not be 0.
  std::uint32_t below(std::uint32_t n) noexcept {
    assert(n > 0);
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }

  /// lowest to highest, both included.
  std::int32_t between(std::int32_t lowest, std::int32_t highest) noexcept {
    assert(lowest <= highest);
    const auto width = static_cast<std::uint32_t>(static_cast<std::int64_t>(highest) - lowest + 1);
    return static_cast<std::int32_t>(lowest + static_cast<std::int64_t>(below(width)));
  }

  bool permille(std::uint32_t share) noexcept { return below(1000) < share; }

  void fill(std::span<std::uint8_t> out) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) bits = next();
      out[i] = static_cast<std::uint8_t>(bits >> (i % 8 * 8));
    }
  }

  /// One of the elements of a non-empty array-like thing.
  template <typename Choices>
  const auto& pick(const Choices& choices) noexcept {
    return choices[below(static_cast<std::uint32_t>(std::size(choices)))];
  }

  /// A generator of its own for one purpose, so that what one part of the network draws does not
  /// shift what another part gets.
  [[nodiscard]] static Rng stream(std::uint64_t seed, std::uint64_t purpose) noexcept {
    Rng mixer(seed ^ (purpose * 0xD1342543DE82EF95U));
    return Rng(mixer.next());
  }

 private:
  std::uint64_t state_;
};

}  // namespace sluice
