#pragma once

#include <cstddef>
#include <string>

#include "decode/json_reader.h"

namespace sluice {

/// Appends a JSON value as the reference writes it again: keys sorted, each once, no spaces,
/// numbers and strings as everywhere in decoded_json (protocol E3). False, with less than a value
/// appended, if it has more than `most_levels` of arrays and objects.
[[nodiscard]] bool append_go_json(std::string& out, const JsonValue& value,
                                  std::size_t most_levels);

/// Appends a JSON value as Go's `%v` prints it: `3`, `1e+07`, `<nil>`, `[true x]`, `map[a:1]`. Any
/// depth, without recursion.
void append_go_text(std::string& out, const JsonValue& value);

}  // namespace sluice
