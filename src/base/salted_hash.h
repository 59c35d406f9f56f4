#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace sluice {

/// A hash for maps whose keys come from the network: salted per process, so that nobody can prepare
/// keys that all fall into one bucket. Not for anything that is stored.
///
/// Thread: any.
class SaltedHash {
 public:
  [[nodiscard]] std::uint64_t operator()(std::string_view text) const noexcept {
    return (*this)(text, 0);
  }

  /// `more` is mixed in, for keys of several parts.
  [[nodiscard]] std::uint64_t operator()(std::string_view text, std::uint64_t more) const noexcept {
    std::uint64_t state = fold(salt() ^ more, kOdd ^ text.size());
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) state = fold(state ^ load(at, 8), kOdd + salt());
    return fold(state ^ load(at, left), kOdd);
  }

  using is_transparent = void;

 private:
  static constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;

  /// Both halves of the 128-bit product: every input bit reaches every output bit.
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }

  static std::uint64_t load(const char* from, std::size_t count) noexcept {
    std::uint64_t word = 0;
    if (count > 0) std::memcpy(&word, from, count);
    return word;
  }

  static std::uint64_t salt() noexcept {
    static const std::uint64_t kSalt = [] {
      std::random_device device;
      return (std::uint64_t{device()} << 32U) | device() | 1U;
    }();
    return kSalt;
  }
};

}  // namespace sluice
