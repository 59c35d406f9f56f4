#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Appends the standard alphabet's base64 of `bytes`, padded, to `out`.
void append_base64(std::string_view bytes, std::string& out);

/// Appends what `text` encodes to `out`. Padding may be missing, line breaks are not allowed.
/// Returns false, with `out` as it was, for anything that no encoder writes: a foreign character, a
/// length that can't occur, or set bits behind the last byte.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

}  // namespace sluice
