#include "config/json_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/json_repair.h"
#include "config/json_fault.h"

namespace sluice {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

/// Returns the errno of the failure, 0 on success.
int read_whole(const std::filesystem::path& path, std::string& text) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return errno;
  std::array<char, 16384> piece;
  for (;;) {
    const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    text.append(piece.data(), got);
    if (got == piece.size()) continue;
    return std::ferror(file.get()) != 0 ? (errno != 0 ? errno : EIO) : 0;
  }
}

}  // namespace

JsonFile read_json_file(const std::filesystem::path& path) {
  JsonFile file;
  std::string text;
  if (const int failure = read_whole(path, text); failure != 0) {
    if (failure != ENOENT) file.error = fmt::format("can't be read: {}", std::strerror(failure));
    return file;
  }
  simdjson::dom::element root;
  simdjson::error_code failure = file.parser.parse(text).get(root);
  if (std::string repaired; failure && repair_json(text, repaired, HugeNumbers::kMark))
    failure = file.parser.parse(repaired).get(root);
  if (!failure) {
    file.root = root;
    return file;
  }
  if (const std::optional<JsonFault> fault = find_json_fault(text)) {
    file.error = fmt::format("not valid JSON at line {}, column {}: {}", fault->line, fault->column,
                             fault->what);
  } else {
    file.error = fmt::format("not usable as JSON: {}", simdjson::error_message(failure));
  }
  return file;
}

}  // namespace sluice
