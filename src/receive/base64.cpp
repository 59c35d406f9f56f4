#include "receive/base64.h"

#include <array>
#include <cstdint>

namespace sluice {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr auto kValues = make_values();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t v =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    for (const int shift : {18, 12, 6, 0}) out.push_back(kAlphabet[v >> shift & 63]);
  }
  if (bytes.size() - i == 1) {
    const std::uint32_t v = byte_at(bytes, i);
    out.push_back(kAlphabet[v >> 2]);
    out.push_back(kAlphabet[v << 4 & 63]);
    out.append("==");
  } else if (bytes.size() - i == 2) {
    const std::uint32_t v = byte_at(bytes, i) << 8 | byte_at(bytes, i + 1);
    out.push_back(kAlphabet[v >> 10]);
    out.push_back(kAlphabet[v >> 4 & 63]);
    out.push_back(kAlphabet[v << 2 & 63]);
    out.push_back('=');
  }
}

bool decode_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  const std::size_t before = out.size();
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const std::int8_t value = kValues[static_cast<std::uint8_t>(c)];
    if (value < 0) {
      out.resize(before);
      return false;
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFF;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out.push_back(static_cast<char>(bits >> bit_count & 0xFF));
    }
  }
  const bool leftover = (bits & ((1U << bit_count) - 1)) != 0;
  if (text.size() % 4 == 1 || leftover) {
    out.resize(before);
    return false;
  }
  return true;
}

}  // namespace sluice
