#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Colours for a terminal, or none.
///
/// Thread: immutable.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  [[nodiscard]] std::string bold(std::string_view text) const { return wrapped("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrapped("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return wrapped("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return wrapped("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return wrapped("33", text); }

 private:
  [[nodiscard]] std::string wrapped(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    std::string result = "\033[";
    result.append(code).append("m").append(text).append("\033[0m");
    return result;
  }

  bool on_;
};

}  // namespace sluice
