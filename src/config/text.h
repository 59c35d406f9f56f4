#pragma once

#include <string>
#include <string_view>

namespace sluice {

// ASCII only, whatever the locale: what an operator types into a config file is compared with what
// stands in a topic, and both sides must be treated alike on every machine.

/// Without leading and trailing white space.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
[[nodiscard]] std::string lower_cased(std::string_view text);
[[nodiscard]] std::string upper_cased(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace sluice
