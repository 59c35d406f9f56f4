#pragma once

#include <string_view>

#include "base/arena.h"
#include "packet/frame.h"

namespace sluice {

/// The stored path_json: hops as upper-case hex, `["AB","CD"]` or `[]`. For TRACE the route of the
/// payload, since its header path holds SNR values; those stay only when the payload has no route
/// (protocol E1). The text lives in `arena`.
[[nodiscard]] std::string_view path_json(const Frame& frame, Arena& arena);

}  // namespace sluice
