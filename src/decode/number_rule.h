#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

/// Text of a floating-point number as Go's strconv reads it, in full: decimal or hexadecimal with
/// a binary exponent, a leading `+`, `_` between digits. What is not finite, in a word or by
/// overflow, counts as absent (deviation D3); what is too small is zero.
[[nodiscard]] std::optional<double> parse_go_float(std::string_view text);

/// The number rule for text (contract 3.4, protocol D7): trimmed, less one trailing unit, trimmed,
/// read as above.
[[nodiscard]] std::optional<double> parse_number_text(std::string_view text);

/// Rounded half away from zero; nothing when the result needs more than 64 bits (deviation D4).
[[nodiscard]] std::optional<std::int64_t> round_to_integer(double value) noexcept;

/// Cut at the point; nothing when the result needs more than 64 bits.
[[nodiscard]] std::optional<std::int64_t> truncate_to_integer(double value) noexcept;

}  // namespace sluice
