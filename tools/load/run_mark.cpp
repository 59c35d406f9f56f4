#include "run_mark.h"

#include <random>

#include <fmt/format.h>

#include "base/hex.h"
#include "packet/crypto/sha256.h"

namespace sluice {
namespace {

constexpr std::size_t kAliasDigits = 64;

}  // namespace

RunMark RunMark::fresh() {
  std::random_device random;
  return RunMark(random());
}

std::string RunMark::observer_prefix() const {
  return fmt::format("{}{:08X}", kCommonPrefix, number_);
}

std::string RunMark::alias_of(std::string_view observer) const {
  Sha256 sha;
  const auto digest =
      sha.digest({reinterpret_cast<const std::uint8_t*>(observer.data()), observer.size()});
  return (observer_prefix() + to_upper_hex(digest)).substr(0, kAliasDigits);
}

std::array<std::uint8_t, 8> RunMark::nonce(std::uint32_t round) const noexcept {
  // The last bytes count the rounds, so that a payload of which little can be changed is new for as
  // many of them as possible. Zero would change nothing.
  const std::uint64_t high = mix_bits(std::uint64_t{number_} << 32 | round) & 0xFFFFFFFF00000000U;
  const std::uint64_t number = high | (mix_bits(number_) + round + 1) % 0xFFFFFFFFU;
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  }
  return bytes;
}

}  // namespace sluice
