#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;
inline constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";

/// One character at the head of a text.
struct Utf8Char {
  char32_t value;     ///< kReplacementCharacter when invalid
  std::uint8_t size;  ///< bytes it takes up; 1 when invalid, so that decoding resumes behind it
  bool valid;
};

/// Decodes the first character of a non-empty text. Overlong forms, surrogates, values above
/// U+10FFFF and truncated sequences are invalid, byte by byte (protocol E3).
[[nodiscard]] Utf8Char first_utf8(std::string_view text) noexcept;

/// Characters that do something to a terminal, or to the text behind them: control characters, line
/// separators, marks that turn the direction of writing.
[[nodiscard]] constexpr bool is_obeyed(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// `value` is a character of up to three bytes: below U+10000, and no surrogate.
void append_utf8(std::string& out, char32_t value);

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// The longest prefix of at most `max_bytes` that ends on a character boundary of valid UTF-8.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace sluice
