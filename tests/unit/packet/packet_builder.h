#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/frame.h"

namespace sluice::test {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view text);
Bytes operator+(Bytes left, const Bytes& right);
Bytes little_endian_32(std::uint32_t value);

/// A flood without hops.
Bytes flood(PayloadType type, const Bytes& payload);

/// Signs as the firmware does; `seed` makes the identity.
Bytes signed_advert(std::uint8_t seed, std::uint32_t timestamp, const Bytes& app_data);
/// Signs all of the app data, whatever its length.
Bytes advert_signed_throughout(std::uint8_t seed, std::uint32_t timestamp, const Bytes& app_data);

/// Payload of a group packet, sealed with a key of 16 or 32 bytes.
Bytes seal_for_channel(std::string_view key_hex, Bytes plain);
/// Body of a GRP_TXT.
Bytes group_text_body(std::uint32_t timestamp, std::string_view text);

}  // namespace sluice::test
