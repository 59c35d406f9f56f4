#include "base/json_repair.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/hex.h"
#include "base/utf8.h"

namespace sluice {
namespace {

constexpr std::string_view kReplacementEscape = "\\ufffd";
constexpr std::string_view kMarkText = R"("\u0000number )";  // kHugeNumberMark as JSON
constexpr std::size_t kEscapeSize = 6;                       // \uXXXX

/// Shorter integers fit 64 bits whatever their digits.
constexpr std::size_t kMinLongDigits = 19;

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_in_number(char c) noexcept {
  return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
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

/// Whether JSON's grammar takes all of `text` for a number. Its characters are those of numbers.
bool is_number(std::string_view text) noexcept {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - first;
  };
  const auto skip_any = [&](std::string_view of) {
    const bool found = at < text.size() && of.find(text[at]) != std::string_view::npos;
    at += found ? 1 : 0;
    return found;
  };
  skip_any("-");
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (skip_any(".") && digits() == 0) return false;
  if (skip_any("eE")) {
    skip_any("+-");
    if (digits() == 0) return false;
  }
  return at == text.size();
}

bool is_huge(std::string_view number) {
  return is_number(number) && std::isinf(std::strtod(std::string(number).c_str(), nullptr));
}

/// One pass over a record: keeps the place in the text and what has been written so far.
class Repair {
 public:
  Repair(std::string_view text, std::string& out, HugeNumbers huge) noexcept
      : rest_(text), out_(out), huge_(huge) {}

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
      } else if (const Utf8Char character = first_utf8(rest_); character.valid) {
        copy(character.size);
      } else {
        replace(1, kReplacementUtf8);
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
    const std::string_view number = rest_.substr(0, length);
    if (huge_ == HugeNumbers::kMark && is_huge(number)) {
      out_.append(kMarkText).append(number) += '"';
      replace(length, "");
      return;
    }
    const std::size_t sign = number.front() == '-' ? 1 : 0;
    copy(length);
    if (digits >= kMinLongDigits && digits + sign == length) replace(0, "e0");
  }

  std::string_view rest_;
  std::string& out_;
  const HugeNumbers huge_;
  bool changed_ = false;
};

}  // namespace

bool repair_json(std::string_view text, std::string& out, HugeNumbers huge) {
  out.clear();
  return Repair(text, out, huge).run();
}

}  // namespace sluice
