#pragma once

#include <string>
#include <string_view>

namespace sluice {

// "Trimmed", "upper-cased" and "lower-cased" as the contract means them, which is as Go does: by
// character, whatever the locale. What an operator writes into the config file is compared with
// what stands in a topic, so both sides come here.

/// Without white space at both ends, ASCII's and Unicode's. Bytes that are not UTF-8 are not white
/// space.
[[nodiscard]] std::string_view trim_space(std::string_view text) noexcept;

/// Character by character, by Unicode's simple mapping, for the letters in which regions and names
/// are written: Latin with all that Europe and Vietnam put on it, Greek, Cyrillic, Armenian.
/// Letters of other scripts with case (Georgian, Cherokee, Deseret, …) stay as they are.
[[nodiscard]] std::string lower_cased(std::string_view text);
[[nodiscard]] std::string upper_cased(std::string_view text);

/// lower_cased(a) == lower_cased(b), without making either. Not the same as the next: some letters
/// share one of their forms only.
[[nodiscard]] bool equal_when_lower_cased(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool equal_when_upper_cased(std::string_view a, std::string_view b) noexcept;

/// Equal but for the case of ASCII letters: for words of our own, such as keys and schemes.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Ends with `suffix` but for the case of ASCII letters.
[[nodiscard]] bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) noexcept;

}  // namespace sluice
