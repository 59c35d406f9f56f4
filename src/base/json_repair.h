#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// What becomes of a number beyond the range of a double.
enum class HugeNumbers {
  kKeep,  ///< it stays, and the parser refuses the text for it
  kMark,  ///< it becomes a string that begins with kHugeNumberMark
};

/// Before the digits of such a number, in the parsed text.
inline constexpr std::string_view kHugeNumberMark{"\0number ", 8};

/// Writes to `out` the text with those places replaced which the reference's JSON parser takes
/// and simdjson does not (contract 3.2): in strings, each byte that is no UTF-8 and each half of a
/// surrogate pair that stands alone becomes U+FFFD; outside, an integer of 19 digits or more
/// becomes a floating-point number of the same value; see HugeNumbers for the rest. Everything else
/// is copied, be it valid or not.
///
/// False when there was nothing to replace. Without marks `out` is at most three times as long as
/// `text`.
[[nodiscard]] bool repair_json(std::string_view text, std::string& out,
                               HugeNumbers huge = HugeNumbers::kKeep);

}  // namespace sluice
