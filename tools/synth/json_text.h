#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// Writes one JSON object member by member, in the caller's order and with or without the blanks
/// that Python puts behind `,` and `:`.
///
/// Thread: bound(its user).
class JsonObjectText {
 public:
  JsonObjectText(std::string& out, bool spaced) noexcept : out_(out), spaced_(spaced) {
    out_.push_back('{');
  }

  void text(std::string_view key, std::string_view value) {
    name(key);
    append_quoted(value, out_);
  }
  /// A value that is JSON already.
  void raw(std::string_view key, std::string_view value) {
    name(key);
    out_.append(value);
  }
  void number(std::string_view key, std::integral auto value) {
    name(key);
    out_.append(std::to_string(value));
  }
  void number_text(std::string_view key, std::integral auto value) {
    text(key, std::to_string(value));
  }
  /// An object within; close() it before going on with this one.
  JsonObjectText object(std::string_view key) {
    name(key);
    return {out_, spaced_};
  }
  void close() { out_.push_back('}'); }

  static void append_quoted(std::string_view text, std::string& out) {
    out.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);  // names and messages of the synthetic network hold no control characters
    }
    out.push_back('"');
  }

 private:
  void name(std::string_view key) {
    if (!first_) out_.append(spaced_ ? ", " : ",");
    first_ = false;
    append_quoted(key, out_);
    out_.append(spaced_ ? ": " : ":");
  }

  std::string& out_;
  bool spaced_;
  bool first_ = true;
};

}  // namespace sluice
