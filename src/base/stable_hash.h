#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// A hash that may be stored: the same number for the same bytes in every process, on every machine
/// and in every version. Not for maps keyed by the network (anybody can prepare collisions: use
/// SaltedHash there), only for comparing texts that are expected to be equal.
///
/// Words of eight bytes, little-endian, the last one filled up with zeros; each is xored into the
/// state, which is then multiplied by an odd constant and folded (upper half of the 128-bit product
/// xor lower half). The length starts the state, so trailing zeros count. Never change it.
///
/// Thread: any.
[[nodiscard]] inline std::uint64_t stable_hash(std::string_view text,
                                               std::uint64_t start) noexcept {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;
  constexpr std::uint64_t kEnd = 0xD6E8FEB86659FD93ULL;
  const auto fold = [](std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  };
  const auto load = [&](std::size_t from, std::size_t count) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i)
      word |= std::uint64_t{static_cast<unsigned char>(text[from + i])} << (8 * i);
    return word;
  };
  std::uint64_t state = fold(start ^ kEnd, kStep ^ text.size());
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) state = fold(state ^ load(at, 8) ^ kStep, kEnd);
  return fold(state ^ load(at, text.size() - at), kEnd) ^ state;
}

}  // namespace sluice
