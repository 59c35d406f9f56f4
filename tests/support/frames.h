#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

using Bytes = std::vector<std::uint8_t>;

/// A flood of this payload type; `path` is made of one-byte hops. As hex.
[[nodiscard]] std::string flood_hex(std::uint8_t payload_type, const Bytes& path,
                                    const Bytes& payload);

/// The n-th of as many different transmissions as a test wants: an encrypted text message, the
/// payload type that costs nothing to decode. Copies with different paths are copies of the same
/// transmission.
[[nodiscard]] std::string text_hex(std::uint32_t n, const Bytes& path = {});

struct AdvertSpec {
  std::uint8_t seed = 1;  ///< makes the identity
  std::uint32_t time = 1767225600;
  std::string name = "node";
  std::uint8_t kind = 2;  ///< 1 companion, 2 repeater, 3 room, 4 sensor
  bool located = false;
  std::int32_t lat_e6 = 52'500'000;  ///< when located, millionths of a degree
  std::int32_t lon_e6 = 13'400'000;
  bool well_signed = true;
  Bytes path = {};
};
[[nodiscard]] std::string advert_hex(const AdvertSpec& spec);

/// The advert's key as the tables hold it.
[[nodiscard]] std::string advert_public_key(std::uint8_t seed);

}  // namespace sluice::test
