#include "base/text.h"

#include <algorithm>
#include <cstddef>

#include "base/letter_case.h"
#include "base/utf8.h"

namespace sluice {
namespace {

constexpr std::string_view kAsciiSpace = " \t\n\v\f\r";

/// White space outside ASCII, in UTF-8.
constexpr std::string_view kWideSpaces[] = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

bool is_ascii_space(char c) noexcept { return kAsciiSpace.find(c) != std::string_view::npos; }

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::size_t leading_space(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (is_ascii_space(text.front())) return 1;
  for (const std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

std::size_t trailing_space(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (is_ascii_space(text.back())) return 1;
  for (const std::string_view space : kWideSpaces) {
    if (text.ends_with(space)) return space.size();
  }
  return 0;
}

bool is_plain(char c) noexcept { return c > ' ' && c < '\x7f'; }

/// Takes the first character off. A byte that is not UTF-8 becomes a value that no character has.
char32_t take(std::string_view& text) noexcept {
  constexpr char32_t kBeyondUnicode = 0x110000;
  const Utf8Char first = first_utf8(text);
  const char32_t value =
      first.valid ? first.value : kBeyondUnicode + static_cast<unsigned char>(text.front());
  text.remove_prefix(first.size);
  return value;
}

using LetterMap = char32_t (*)(char32_t) noexcept;

std::string mapped(std::string_view text, LetterMap map) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t letter = take(text);
    const char32_t other = map(letter);
    if (other == letter)
      result.append(before.substr(0, before.size() - text.size()));
    else
      append_utf8(result, other);
  }
  return result;
}

bool equal_when(std::string_view a, std::string_view b, LetterMap map) noexcept {
  while (!a.empty() && !b.empty()) {
    if (map(take(a)) != map(take(b))) return false;
  }
  return a.empty() && b.empty();
}

}  // namespace

std::string_view trim_space(std::string_view text) noexcept {
  if (!text.empty() && is_plain(text.front()) && is_plain(text.back())) return text;
  while (const std::size_t count = leading_space(text)) text.remove_prefix(count);
  while (const std::size_t count = trailing_space(text)) text.remove_suffix(count);
  return text;
}

std::string lower_cased(std::string_view text) { return mapped(text, lower_letter); }
std::string upper_cased(std::string_view text) { return mapped(text, upper_letter); }

bool equal_when_lower_cased(std::string_view a, std::string_view b) noexcept {
  return equal_when(a, b, lower_letter);
}

bool equal_when_upper_cased(std::string_view a, std::string_view b) noexcept {
  return equal_when(a, b, upper_letter);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) noexcept {
  return text.size() >= suffix.size() &&
         equal_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

}  // namespace sluice
