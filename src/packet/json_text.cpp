#include "packet/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/hex.h"
#include "base/utf8.h"

namespace sluice {
namespace {

// True for ASCII that stands for itself in a JSON text.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) plain[static_cast<unsigned char>(c)] = false;
  return plain;
}

constexpr std::array<bool, 256> kPlain = make_plain();

void append_unicode_escape(std::string& out, unsigned value) {
  fmt::format_to(std::back_inserter(out), "\\u{:04x}", value);
}

void append_escaped_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_unicode_escape(out, static_cast<unsigned char>(c));
  }
}

// Digits and exponent of the shortest form, laid out as plain decimal padded with zeros.
void append_large(std::string& out, double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  std::size_t exponent = 0;
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  std::size_t digits = 0;
  for (const char c : text.substr(0, e)) {
    if (c == '.') continue;
    out += c;
    if (c != '-') ++digits;
  }
  out.append(exponent + 1 - digits, '0');
}

void append_with_exponent(std::string& out, double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string text(buffer.data(), end);
  // e-07 loses its leading zero, e+21 never has one.
  if (const std::size_t zero = text.find("e-0"); zero != std::string::npos) text.erase(zero + 2, 1);
  out += text;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && kPlain[static_cast<unsigned char>(text[run])]) ++run;
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    const Utf8Char c = first_utf8(text);
    if (!c.valid || c.value == 0x2028 || c.value == 0x2029)
      append_unicode_escape(out, static_cast<unsigned>(c.value));
    else if (c.value < 0x80)
      append_escaped_ascii(out, text.front());
    else
      out.append(text.substr(0, c.size));
    text.remove_prefix(c.size);
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  const double size = std::fabs(value);
  if (!std::isfinite(value)) {
    out += "null";
  } else if (size != 0 && (size < 1e-6 || size >= 1e21)) {
    append_with_exponent(out, value);
  } else if (size >= kExactIntegers) {
    append_large(out, value);
  } else {
    std::array<char, 64> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            .ptr;
    out.append(buffer.data(), end);
  }
}

void JsonWriter::begin(std::string_view key) {
  if (out_.back() != '{') out_ += ',';
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  begin(key);
  append_json_string(out_, value);
}

void JsonWriter::append_hex(std::string_view key, std::span<const std::uint8_t> bytes,
                            const char* digits) {
  if (bytes.empty()) return;
  begin(key);
  const std::size_t at = out_.size();
  out_.resize(at + 2 * bytes.size() + 2, '"');
  encode_hex(bytes, digits, out_.data() + at + 1);
}

void JsonWriter::hex(std::string_view key, std::span<const std::uint8_t> bytes) {
  append_hex(key, bytes, kLowerHexDigits);
}

void JsonWriter::upper_hex(std::string_view key, std::span<const std::uint8_t> bytes) {
  append_hex(key, bytes, kUpperHexDigits);
}

void JsonWriter::count(std::string_view key, std::uint32_t value) {
  if (value != 0) integer(key, value);
}

void JsonWriter::integer(std::string_view key, std::int64_t value) {
  begin(key);
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out_.append(buffer.data(), end);
}

void JsonWriter::real(std::string_view key, double value) {
  begin(key);
  append_json_number(out_, value);
}

void JsonWriter::flag(std::string_view key, bool value) {
  begin(key);
  out_ += value ? "true" : "false";
}

void JsonWriter::hex_number(std::string_view key, std::uint32_t value) {
  const std::array<std::uint8_t, 4> bytes = {
      static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
      static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
  hex(key, bytes);
}

void JsonWriter::reals(std::string_view key, std::span<const double> values) {
  if (values.empty()) return;
  begin(key);
  char separator = '[';
  for (const double value : values) {
    out_ += separator;
    append_json_number(out_, value);
    separator = ',';
  }
  out_ += ']';
}

void JsonWriter::raw(std::string_view key, std::string_view json) {
  begin(key);
  out_ += json;
}

void JsonWriter::begin_object(std::string_view key) {
  begin(key);
  out_ += '{';
}

}  // namespace sluice
