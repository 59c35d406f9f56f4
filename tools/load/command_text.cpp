#include "command_text.h"

#include <string_view>

namespace sluice {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kSafe =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%*";

std::string quoted(std::string_view argument) {
  if (!argument.empty() && argument.find_first_not_of(kSafe) == std::string_view::npos) {
    return std::string(argument);
  }
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// `mqtt://user:password@host` without what is before the host.
std::string without_user(std::string argument) {
  const std::size_t scheme = argument.find("://");
  const std::size_t at = argument.rfind('@');
  if (at == std::string::npos) return argument;
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  if (at < begin) return argument;
  return argument.substr(0, begin) + std::string(kHidden) + argument.substr(at);
}

}  // namespace

std::string command_text(int argc, const char* const* argv) {
  std::string text;
  bool hide = false;
  for (int i = 0; i < argc; ++i) {
    std::string argument = argv[i];
    const bool short_password = argument.starts_with("-P");
    const bool long_password = argument.starts_with("--password");
    if (hide) {
      argument = kHidden;
      hide = false;
    } else if (argument == "-P" || argument == "--password") {
      hide = true;
    } else if (short_password) {
      argument = "-P" + std::string(kHidden);
    } else if (long_password) {
      argument = "--password=" + std::string(kHidden);
    } else {
      argument = without_user(argument);
    }
    if (!text.empty()) text += ' ';
    text += quoted(argument);
  }
  return text;
}

}  // namespace sluice
