#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "packet/json_text.h"

namespace sluice {

/// What an advert says of its sender, as the tables of nodes take it. Absent values were not in it.
struct AdvertFacts {
  std::string pubkey;         ///< 64 lower-case digits
  std::string name;           ///< valid UTF-8, at most 32 bytes; '' when it has none
  std::string role;           ///< companion, repeater, room, sensor, none, type-N (protocol E6)
  std::optional<double> lat;  ///< degrees
  std::optional<double> lon;
  std::optional<std::int32_t> battery_mv;
  std::optional<double> temperature_c;
};

inline constexpr std::size_t kMaxNodeNameBytes = 32;

// What the flags announce, besides the node's type in the lower half.
inline constexpr std::uint8_t kAdvertHasLocation = 0x10;
inline constexpr std::uint8_t kAdvertHasFeat1 = 0x20;
inline constexpr std::uint8_t kAdvertHasFeat2 = 0x40;
inline constexpr std::uint8_t kAdvertHasName = 0x80;

/// An advert's payload, cut into fields; views into it.
struct Advert {
  std::span<const std::uint8_t> public_key;  ///< 32 bytes
  std::span<const std::uint8_t> timestamp;   ///< 4, little-endian, the sender's clock
  std::span<const std::uint8_t> signature;   ///< 64
  std::span<const std::uint8_t> app_data;    ///< may be empty

  // from app_data
  std::optional<std::uint8_t> flags;
  std::optional<std::int32_t> lat_e6;  ///< millionths of a degree
  std::optional<std::int32_t> lon_e6;
  std::optional<std::uint16_t> feat1;
  std::optional<std::uint16_t> feat2;
  std::string name;
  std::optional<std::int32_t> battery_mv;
  std::optional<double> temperature_c;

  [[nodiscard]] std::uint32_t unix_time() const noexcept;
};

/// Nothing when the payload is shorter than its fixed part (100 bytes).
[[nodiscard]] std::optional<Advert> parse_advert(std::span<const std::uint8_t> payload);

[[nodiscard]] bool has_valid_signature(const Advert& advert) noexcept;

/// `signature_valid` is absent when signatures are not checked.
void write_advert(const Advert& advert, std::optional<bool> signature_valid, JsonWriter& json);

[[nodiscard]] AdvertFacts advert_facts(const Advert& advert);

/// Why an advert is refused whatever its signature, in the words of the log; '' when it is not
/// (protocol E6). The rest of the peer's checks can't fail on a name that was cleaned.
[[nodiscard]] std::string advert_fault(const Advert& advert);

/// A name as it is stored: each byte that is not UTF-8 becomes U+FFFD, control characters but TAB
/// and LF go, and what is left is cut to 32 bytes between characters (deviation D11).
[[nodiscard]] std::string clean_node_name(std::string_view bytes);

}  // namespace sluice
