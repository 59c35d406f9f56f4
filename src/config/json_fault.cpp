#include "config/json_fault.h"

#include <algorithm>

#include "base/hex.h"

namespace sluice {
namespace {

constexpr int kMaxDepth = 512;

/// Recursive descent over RFC 8259. The first fault sticks: every function does nothing and returns
/// false once there is one.
///
/// Thread: any, one thread per object.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  std::optional<JsonFault> run() {
    if (value(0)) {
      skip_space();
      if (at_ < text_.size()) fail("expected nothing after the value");
    }
    return fault_;
  }

 private:
  bool value(int depth) {
    skip_space();
    if (depth > kMaxDepth) return fail("nested too deeply");
    if (at_ >= text_.size()) return fail("expected a value, but the file ends");
    const char c = text_[at_];
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') return string();
    if (c == '-' || is_digit()) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return true;
    }
    if (text_.substr(at_, 2) == "//" || text_.substr(at_, 2) == "/*")
      return fail("comments are not allowed (use a \"_comment\" key)");
    return fail("expected a value");
  }

  bool object(int depth) {
    ++at_;
    if (next_is('}')) return true;
    do {
      skip_space();
      if (peek() != '"') return fail("expected a key in double quotes");
      if (!string()) return false;
      if (!next_is(':')) return fail("expected ':'");
      if (!value(depth + 1)) return false;
    } while (next_is(','));
    return next_is('}') || fail("expected ',' or '}'");
  }

  bool array(int depth) {
    ++at_;
    if (next_is(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (next_is(','));
    return next_is(']') || fail("expected ',' or ']'");
  }

  bool string() {
    ++at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20)
        return fail("a line break or control character within a string");
      if (c == '\\' && !escape()) return false;
    }
    return fail("a string is not closed");
  }

  /// Leaves at_ on the last character of the escape.
  bool escape() {
    ++at_;
    if (peek() != 'u') {
      return (peek() != '\0' &&
              std::string_view("\"\\/bfnrt").find(peek()) != std::string_view::npos) ||
             fail("an escape that JSON does not have");
    }
    for (int digit = 0; digit < 4; ++digit) {
      ++at_;
      if (hex_digit_value(peek()) < 0) return fail("expected four hex digits after \\u");
    }
    return true;
  }

  bool number() {
    if (peek() == '-') ++at_;
    if (!is_digit()) return fail("expected a digit");
    if (peek() == '0') {
      ++at_;
      if (is_digit()) return fail("a number begins with 0");
    }
    skip_digits();
    if (peek() == '.') {
      ++at_;
      if (!is_digit()) return fail("expected a digit");
      skip_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!is_digit()) return fail("expected a digit");
      skip_digits();
    }
    return true;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
  void skip_digits() {
    while (is_digit()) ++at_;
  }
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }
  bool next_is(char c) {
    skip_space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  bool fail(std::string what) {
    if (fault_) return false;
    const std::string_view before = text_.substr(0, at_);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    fault_ = JsonFault{1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
                       1 + static_cast<std::size_t>(std::count_if(
                               before.begin() + static_cast<std::ptrdiff_t>(line_start),
                               before.end(), is_character)),
                       std::move(what)};
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) { return Checker(text).run(); }

}  // namespace sluice
