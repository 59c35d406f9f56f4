#include "decode/number_rule.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>

#include "base/hex.h"
#include "base/text.h"

namespace sluice {
namespace {

/// In the order in which they are tried; only the first that fits is taken off.
constexpr std::string_view kUnits[] = {"dbm", "db", "mw", "km", "mi", "m"};

char lower(char c) noexcept { return static_cast<char>(c | 0x20); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The shape of a number without its sign and base prefix, checked against Go's syntax.
class NumberShape {
 public:
  NumberShape(std::string_view body, bool hex) noexcept : body_(body), hex_(hex) { scan(); }

  [[nodiscard]] bool valid() const noexcept { return valid_; }
  [[nodiscard]] bool has_underscores() const noexcept { return underscores_; }
  /// Whether a magnitude that does not fit a double is too large, and not too small, for one.
  [[nodiscard]] bool is_large() const noexcept { return magnitude_ > 0; }

 private:
  void scan() noexcept {
    std::size_t at = mantissa();
    if (!any_digits_) return;
    if (at < body_.size() && lower(body_[at]) == (hex_ ? 'p' : 'e')) {
      at = exponent(at + 1);
    } else if (hex_) {
      return;  // a hexadecimal number needs one
    }
    valid_ = at == body_.size() && (!underscores_ || underscores_between_digits());
  }

  std::size_t mantissa() noexcept {
    std::size_t at = 0;
    bool dot = false;
    bool leading = true;
    for (; at < body_.size(); ++at) {
      const char c = body_[at];
      if (c == '_') {
        underscores_ = true;
      } else if (c == '.' && !dot) {
        dot = true;
      } else if (is_mantissa_digit(c)) {
        any_digits_ = true;
        leading = leading && c == '0';
        // Digits before the point raise the magnitude, zeros right behind it lower it.
        if (!dot && !leading) magnitude_ += hex_ ? 4 : 1;
        if (dot && leading) magnitude_ -= hex_ ? 4 : 1;
      } else {
        break;
      }
    }
    return at;
  }

  std::size_t exponent(std::size_t at) noexcept {
    const bool negative = at < body_.size() && body_[at] == '-';
    if (at < body_.size() && (body_[at] == '-' || body_[at] == '+')) ++at;
    if (at == body_.size() || !is_digit(body_[at])) return std::string_view::npos;
    std::int64_t value = 0;
    for (; at < body_.size() && (is_digit(body_[at]) || body_[at] == '_'); ++at) {
      if (body_[at] == '_') {
        underscores_ = true;
      } else if (value < kExponentCap) {
        value = value * 10 + (body_[at] - '0');
      }
    }
    magnitude_ += negative ? -value : value;
    return at;
  }

  [[nodiscard]] bool underscores_between_digits() const noexcept {
    char before = hex_ ? '0' : '.';  // a base prefix counts as a digit
    for (const char c : body_) {
      if (c == '_' && !is_digit_here(before)) return false;
      if (before == '_' && !is_digit_here(c)) return false;
      before = c;
    }
    return before != '_';
  }

  [[nodiscard]] bool is_digit_here(char c) const noexcept { return is_mantissa_digit(c); }
  [[nodiscard]] bool is_mantissa_digit(char c) const noexcept {
    return hex_ ? hex_digit_value(c) >= 0 : is_digit(c);
  }

  /// Beyond any record's length, so that digits can't outweigh it.
  static constexpr std::int64_t kExponentCap = std::int64_t{1} << 50;

  std::string_view body_;
  bool hex_;
  bool valid_ = false;
  bool any_digits_ = false;
  bool underscores_ = false;
  std::int64_t magnitude_ = 0;
};

std::optional<double> convert(std::string_view body, bool hex, bool is_large) noexcept {
  double value = 0;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value, format);
  if (error == std::errc::result_out_of_range) {
    return is_large ? std::nullopt : std::optional<double>(0.0);
  }
  if (error != std::errc() || end != body.data() + body.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> as_integer(double whole) noexcept {
  // -2^63 is a double and an integer; 2^63 is the first double that is no integer of 64 bits.
  constexpr double kLimit = 9223372036854775808.0;
  if (!(whole >= -kLimit && whole < kLimit)) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

}  // namespace

std::optional<double> parse_go_float(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const bool hex = text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x';
  if (hex) text.remove_prefix(2);
  const NumberShape shape(text, hex);
  if (!shape.valid()) return std::nullopt;
  std::string plain;
  if (shape.has_underscores()) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
                 [](char c) { return c != '_'; });
    text = plain;
  }
  const auto value = convert(text, hex, shape.is_large());
  return value && negative ? -*value : value;
}

std::optional<double> parse_number_text(std::string_view text) {
  text = trim_space(text);
  if (!text.empty() && is_digit(text.back())) return parse_go_float(text);  // the usual case
  for (const std::string_view unit : kUnits) {
    if (!ends_with_ignoring_case(text, unit)) continue;
    text = trim_space(text.substr(0, text.size() - unit.size()));
    break;
  }
  return parse_go_float(text);
}

std::optional<std::int64_t> round_to_integer(double value) noexcept {
  return as_integer(std::round(value));
}

std::optional<std::int64_t> truncate_to_integer(double value) noexcept {
  return as_integer(std::trunc(value));
}

}  // namespace sluice
