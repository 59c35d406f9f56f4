#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <simdjson.h>

namespace sluice {

/// A parsed file. `error` is empty if there is a document; "not found" is neither.
///
/// Owns: the parser, and with it everything that `root` refers to.
struct JsonFile {
  simdjson::dom::parser parser;
  std::optional<simdjson::dom::element> root;
  std::string error;
};

/// Reads and parses strict JSON; what Go's parser takes beyond simdjson's is repaired first
/// (base/json_repair), since the file is shared and may hold it under a key of somebody else's. A
/// number that no double holds is a string with kHugeNumberMark. The error names line and column
/// where the grammar is violated.
[[nodiscard]] JsonFile read_json_file(const std::filesystem::path& path);

}  // namespace sluice
