#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// Appends a JSON string with its quotes, escaped as the peer does it (protocol E3): `<`, `>`, `&`,
/// U+2028 and U+2029 too, and one `\ufffd` for each byte that is not UTF-8. The result is always
/// valid JSON in valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Appends a finite number: the shortest digits that read back as the same double, plain where
/// 1e-6 <= |x| < 1e21, otherwise with an exponent (protocol E3). A non-finite one becomes `null`.
void append_json_number(std::string& out, double value);

/// Writes one flat object, field by field in the order of the calls, into a string that it appends
/// to. The method says what happens to a value of nothing, since readers tell the forms apart
/// (protocol E2): `text`, `hex` and `count` leave an empty one out, all others keep zero and false.
/// Keys are literals of ours and not escaped.
///
/// Thread: bound to its user.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) { out_ += '{'; }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void text(std::string_view key, std::string_view value);
  /// Lower-case digits.
  void hex(std::string_view key, std::span<const std::uint8_t> bytes);
  void upper_hex(std::string_view key, std::span<const std::uint8_t> bytes);
  void count(std::string_view key, std::uint32_t value);

  void integer(std::string_view key, std::int64_t value);
  void real(std::string_view key, double value);
  void flag(std::string_view key, bool value);
  /// As 8 hex digits of the number, which for a little-endian field is the reverse of its bytes.
  void hex_number(std::string_view key, std::uint32_t value);
  /// An array of numbers; left out when empty.
  void reals(std::string_view key, std::span<const double> values);
  /// A value that is JSON already.
  void raw(std::string_view key, std::string_view json);

  void begin_object(std::string_view key);
  void end_object() { out_ += '}'; }
  /// Ends the outer object. Nothing may follow.
  void finish() { out_ += '}'; }

 private:
  void begin(std::string_view key);
  void append_hex(std::string_view key, std::span<const std::uint8_t> bytes, const char* digits);

  std::string& out_;
};

}  // namespace sluice
