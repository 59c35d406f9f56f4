#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace sluice {

using JsonObject = simdjson::dom::object;
using JsonValue = simdjson::dom::element;

/// Reads records that are one JSON object, by the rules of contract 3.2, in place. The whole record
/// is validated, so the parser is simdjson's DOM: it costs less than visiting every value on
/// demand.
///
/// Thread: bound(decode).
class JsonReader {
 public:
  JsonReader() { reset(); }

  /// The record's object, `null` read as an empty one; nothing when the record is no JSON object.
  /// kJsonPadding bytes behind `payload` must be readable. The object lives until the next call of
  /// read() or shrink().
  [[nodiscard]] std::optional<JsonObject> read(std::string_view payload);

  /// Gives back what a record over kKeepBytes has made grow.
  void shrink();

  [[nodiscard]] std::size_t capacity_bytes() const noexcept;

  /// Records up to this size leave the parser as it is.
  static constexpr std::size_t kKeepBytes = std::size_t{1} << 20;
  /// Levels of arrays and objects that a record may have, as many as for the reference's parser.
  static constexpr std::size_t kMaxDepth = 10'000;

 private:
  void reset();
  [[nodiscard]] std::optional<JsonObject> parse(const char* text, std::size_t size);

  std::unique_ptr<simdjson::dom::parser> parser_;
  std::string repaired_;
};

/// The text of a string value; nothing for other types.
[[nodiscard]] std::optional<std::string_view> text_of(const JsonValue& value) noexcept;

/// The number rule of contract 3.4: a number, or text that holds one. Always finite.
[[nodiscard]] std::optional<double> number_of(const JsonValue& value);

/// The values of the keys somebody asks for. Of a key that repeats, the last value is kept
/// (contract 3.2); a key that is there with `null` is there.
///
/// `Key` is an enumeration whose last enumerator is kCount.
template <typename Key>
class JsonFields {
 public:
  void put(Key key, JsonValue value) noexcept {
    values_[index(key)] = value;
    present_ |= 1U << index(key);
  }
  [[nodiscard]] const JsonValue* find(Key key) const noexcept {
    return (present_ >> index(key)) & 1U ? &values_[index(key)] : nullptr;
  }
  /// `first` hides `second` by being there at all, whatever its value.
  [[nodiscard]] const JsonValue* find(Key first, Key second) const noexcept {
    const JsonValue* value = find(first);
    return value != nullptr ? value : find(second);
  }
  [[nodiscard]] std::optional<std::string_view> text(Key key) const noexcept {
    const JsonValue* value = find(key);
    return value != nullptr ? text_of(*value) : std::nullopt;
  }

 private:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Key::kCount);
  static_assert(kSize <= 32);
  static constexpr std::size_t index(Key key) noexcept { return static_cast<std::size_t>(key); }

  std::array<JsonValue, kSize> values_;
  std::uint32_t present_ = 0;
};

}  // namespace sluice
