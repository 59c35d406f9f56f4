#include "packet/describe/terminal_text.h"

#include <iterator>

#include <fmt/format.h>

#include "base/utf8.h"

namespace sluice {
namespace {

std::string_view escape_of(Tone tone) noexcept {
  switch (tone) {
    case Tone::kTitle:
      return "\x1b[1m";
    case Tone::kFaint:
      return "\x1b[2m";
    case Tone::kBytes:
      return "\x1b[36m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string terminal_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (!c.valid || is_obeyed(c.value))
      fmt::format_to(
          std::back_inserter(out), "\\u{{{:x}}}",
          c.valid ? static_cast<unsigned>(c.value) : static_cast<unsigned char>(text.front()));
    else
      out += text.substr(0, c.size);
    text.remove_prefix(c.size);
  }
  return out;
}

std::string Painter::operator()(Tone tone, std::string_view text) const {
  const std::string_view escape = escape_of(tone);
  if (!colour_ || escape.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape, text);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace sluice
