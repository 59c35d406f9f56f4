#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The first place at which a text stops being JSON.
struct JsonFault {
  /// Both count from 1; a column is a character, not a byte.
  std::size_t line = 1;
  std::size_t column = 1;
  /// What the grammar wanted there, as in "expected ',' or '}'".
  std::string what;
};

/// simdjson says what kind of error a document has, but not where; an operator needs the where.
/// Only called for text that has already been refused, so it is written for clarity, not speed.
/// Empty if the grammar finds nothing (the fault is then a limit of the parser: a number too
/// large, text that is not UTF-8).
[[nodiscard]] std::optional<JsonFault> find_json_fault(std::string_view text);

}  // namespace sluice
