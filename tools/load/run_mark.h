#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// What tells a load test's own rows from all others: every observer's name begins with the mark,
/// and every transmission is made new by numbers that follow from it.
///
/// Thread: immutable.
class RunMark {
 public:
  /// So begin the observers of every load test ("LOAD TEST", as far as hex digits go).
  static constexpr std::string_view kCommonPrefix = "10AD7E57";

  explicit RunMark(std::uint32_t number) : number_(number) {}
  /// A mark that no run has had before, by the odds of 32 bits.
  [[nodiscard]] static RunMark fresh();

  /// 16 upper-case hex digits.
  [[nodiscard]] std::string observer_prefix() const;
  /// 64 hex digits, the same for the same name.
  [[nodiscard]] std::string alias_of(std::string_view observer) const;
  /// Different for every round, and in its last bytes too.
  [[nodiscard]] std::array<std::uint8_t, 8> nonce(std::uint32_t round) const noexcept;

  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

 private:
  std::uint32_t number_;
};

/// Mixes all bits of a number into all bits of the result (the finaliser of splitmix64).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
  x = (x ^ x >> 27) * 0x94D049BB133111EBU;
  return x ^ x >> 31;
}

}  // namespace sluice
