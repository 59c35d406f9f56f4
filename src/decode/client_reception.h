#pragma once

#include "base/arena.h"
#include "model/batch.h"

namespace sluice {

/// Finds out whom the phone heard, from the frame it reports: the last hop of a flood, if it gives
/// at least 2 bytes, or the sender of an advert that came directly (contract 3.8). Signatures are
/// not checked. Returns why there is nobody, or kNone.
[[nodiscard]] RejectReason find_heard(ClientReception& reception, Arena& arena);

}  // namespace sluice
