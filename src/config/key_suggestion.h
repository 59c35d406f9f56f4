#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// How many insertions, deletions, replacements and swaps of neighbours turn one text into the
/// other, without regard to case.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known key that a misspelt one most likely means; '' if none is close. Short keys must be
/// closer than long ones, since the file is shared with a program whose keys are not typing errors
/// of ours.
[[nodiscard]] std::string closest_key(std::string_view written, std::span<const std::string> known);

}  // namespace sluice
