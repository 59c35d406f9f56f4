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

/// Reads and parses strict JSON. The error names line and column where the grammar is violated.
[[nodiscard]] JsonFile read_json_file(const std::filesystem::path& path);

}  // namespace sluice
