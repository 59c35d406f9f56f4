#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

using Key16 = std::array<std::uint8_t, 16>;

/// `name` with a leading `#`, added where it lacks one.
[[nodiscard]] std::string with_hash_sign(std::string_view name);

/// The key of a public channel or region: the first 16 bytes of SHA-256 of its name, which is taken
/// as it is, with its `#` and its case (protocol C1, C5).
[[nodiscard]] Key16 key_from_name(std::string_view name);

/// The same as 32 lower-case digits, the form of a key in the configuration.
[[nodiscard]] std::string key_hex_from_name(std::string_view name);

}  // namespace sluice
