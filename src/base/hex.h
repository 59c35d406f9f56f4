#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

inline constexpr char kLowerHexDigits[] = "0123456789abcdef";
inline constexpr char kUpperHexDigits[] = "0123456789ABCDEF";

/// The value of one hex digit of either case, or -1.
[[nodiscard]] int hex_digit_value(char c) noexcept;

/// Decodes hex text of either case into `out`. Returns false, with `out` in an unspecified state,
/// when the text has an odd length, holds anything but hex digits, or needs more room than `out`
/// has. Exactly text.size()/2 bytes are written on success.
[[nodiscard]] bool decode_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;

/// Writes two digits per byte to `out`, which must have room for 2 * bytes.size() characters;
/// returns the end.
char* encode_hex(std::span<const std::uint8_t> bytes, const char* digits, char* out) noexcept;

[[nodiscard]] std::string to_lower_hex(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string to_upper_hex(std::span<const std::uint8_t> bytes);

}  // namespace sluice
