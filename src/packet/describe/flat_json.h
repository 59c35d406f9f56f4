#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// One field of an object that JsonWriter wrote. `value` is JSON.
struct FlatField {
  std::string_view key;
  std::string_view value;

  /// A string without its quotes and escapes; anything else as it stands.
  [[nodiscard]] std::string text() const;
};

/// The top-level fields of a text that JsonWriter wrote, in order. Not a parser for any JSON.
[[nodiscard]] std::vector<FlatField> flat_fields(std::string_view json);

/// The text of one field, or ''.
[[nodiscard]] std::string flat_text(std::string_view json, std::string_view key);

}  // namespace sluice
