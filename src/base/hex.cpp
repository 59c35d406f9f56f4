#include "base/hex.h"

#include <array>

namespace sluice {
namespace {

constexpr std::array<std::int8_t, 256> make_digit_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i)
    values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
    values[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}

constexpr std::array<std::int8_t, 256> kDigitValues = make_digit_values();

std::string encode_to_string(std::span<const std::uint8_t> bytes, const char* digits) {
  std::string text(bytes.size() * 2, '\0');
  encode_hex(bytes, digits, text.data());
  return text;
}

}  // namespace

int hex_digit_value(char c) noexcept { return kDigitValues[static_cast<unsigned char>(c)]; }

bool decode_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() % 2 != 0 || text.size() / 2 > out.size()) return false;
  int bad = 0;  // the sign bit of a -1 survives the OR, so one test at the end is enough
  for (std::size_t i = 0; i < text.size() / 2; ++i) {
    const int high = hex_digit_value(text[2 * i]);
    const int low = hex_digit_value(text[2 * i + 1]);
    bad |= high | low;
    out[i] =
        static_cast<std::uint8_t>((static_cast<unsigned>(high) << 4U) | static_cast<unsigned>(low));
  }
  return bad >= 0;
}

char* encode_hex(std::span<const std::uint8_t> bytes, const char* digits, char* out) noexcept {
  for (const std::uint8_t byte : bytes) {
    *out++ = digits[byte >> 4U];
    *out++ = digits[byte & 0x0FU];
  }
  return out;
}

std::string to_lower_hex(std::span<const std::uint8_t> bytes) {
  return encode_to_string(bytes, kLowerHexDigits);
}

std::string to_upper_hex(std::span<const std::uint8_t> bytes) {
  return encode_to_string(bytes, kUpperHexDigits);
}

}  // namespace sluice
