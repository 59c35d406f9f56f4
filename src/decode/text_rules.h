#pragma once

#include <string_view>

namespace sluice {

/// Without white space at both ends: ASCII's and Unicode's, as the configuration's reader and the
/// contract mean "trimmed". Bytes that are not UTF-8 are not white space.
[[nodiscard]] std::string_view trim_space(std::string_view text) noexcept;

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Ends with `suffix` but for the case of ASCII letters.
[[nodiscard]] bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) noexcept;

}  // namespace sluice
