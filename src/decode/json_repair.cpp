#include "decode/json_repair.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/hex.h"

namespace sluice {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kReplacementEscape = "\\ufffd";
constexpr std::size_t kEscapeSize = 6;  // \uXXXX

/// Shorter integers fit 64 bits whatever their digits.
constexpr std::size_t kMinLongDigits = 19;

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_in_number(char c) noexcept {
  return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// Length of the well-formed UTF-8 character that `text` starts with, or 0. Its first byte is not
/// ASCII.
std::size_t utf8_length(std::string_view text) noexcept {
  const std::uint8_t lead = byte_at(text, 0);
  std::size_t length = 0;
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) second_min = 0xA0;  // shorter forms exist
    if (lead == 0xED) second_max = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) second_min = 0x90;
    if (lead == 0xF4) second_max = 0x8F;  // beyond U+10FFFF
  }
  if (length == 0 || text.size() < length) return 0;
  if (byte_at(text, 1) < second_min || byte_at(text, 1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

/// The code unit of the `\uXXXX` that `text` starts with.
std::optional<std::uint32_t> escaped_unit(std::string_view text) noexcept {
  if (text.size() < kEscapeSize || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (std::size_t i = 2; i < kEscapeSize; ++i) {
    const int digit = hex_digit_value(text[i]);
    if (digit < 0) return std::nullopt;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

bool is_high(std::uint32_t unit) noexcept { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(std::uint32_t unit) noexcept { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// One pass over a record: keeps the place in the text and what has been written so far.
class Repair {
 public:
  Repair(std::string_view text, std::string& out) noexcept : rest_(text), out_(out) {}

  bool run() {
    while (!rest_.empty()) {
      if (rest_.front() == '"') {
        string();
      } else if (is_in_number(rest_.front())) {
        number();
      } else {
        copy(1);
      }
    }
    return changed_;
  }

 private:
  void copy(std::size_t count) {
    out_.append(rest_.substr(0, count));
    rest_.remove_prefix(count);
  }

  void replace(std::size_t count, std::string_view with) {
    out_.append(with);
    rest_.remove_prefix(count);
    changed_ = true;
  }

  void string() {
    copy(1);
    while (!rest_.empty()) {
      const std::uint8_t byte = byte_at(rest_, 0);
      if (byte == '"') {
        copy(1);
        return;
      }
      if (byte == '\\') {
        escape();
      } else if (byte < 0x80) {
        copy(1);
      } else if (const std::size_t length = utf8_length(rest_)) {
        copy(length);
      } else {
        replace(1, kReplacement);
      }
    }
  }

  void escape() {
    const auto unit = escaped_unit(rest_);
    if (!unit) {
      // An escaped quote does not end the string. What else may follow is judged on its own, since
      // it can be a byte to repair.
      copy(rest_.size() > 1 && (rest_[1] == '"' || rest_[1] == '\\') ? 2 : 1);
    } else if (!is_high(*unit) && !is_low(*unit)) {
      copy(kEscapeSize);
    } else {
      const auto next = escaped_unit(rest_.substr(kEscapeSize));
      if (is_high(*unit) && next && is_low(*next)) {
        copy(2 * kEscapeSize);
      } else {
        replace(kEscapeSize, kReplacementEscape);
      }
    }
  }

  void number() {
    std::size_t length = 0;
    std::size_t digits = 0;
    while (length < rest_.size() && is_in_number(rest_[length])) {
      digits += is_digit(rest_[length]) ? 1 : 0;
      ++length;
    }
    const std::size_t sign = rest_.front() == '-' ? 1 : 0;
    copy(length);
    if (digits >= kMinLongDigits && digits + sign == length) replace(0, "e0");
  }

  std::string_view rest_;
  std::string& out_;
  bool changed_ = false;
};

}  // namespace

bool repair_json(std::string_view text, std::string& out) {
  out.clear();
  return Repair(text, out).run();
}

}  // namespace sluice
