#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Writes to `out` the record with those places replaced which the reference's JSON parser takes
/// and simdjson does not (contract 3.2): in strings, each byte that is no UTF-8 and each half of a
/// surrogate pair that stands alone becomes U+FFFD; outside, an integer of 19 digits or more
/// becomes a floating-point number of the same value. Everything else is copied, be it valid or
/// not.
///
/// False when there was nothing to replace. `out` is at most three times as long as `text`.
[[nodiscard]] bool repair_json(std::string_view text, std::string& out);

}  // namespace sluice
