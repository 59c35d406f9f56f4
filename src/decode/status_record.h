#pragma once

#include "base/arena.h"
#include "decode/json_reader.h"
#include "decode/topic.h"
#include "model/envelope.h"

namespace sluice {

/// Reads what an observer says of itself (contract 3.5). Texts are copied to `arena`.
[[nodiscard]] StatusReport read_status(const JsonObject& record, const Topic& topic, Arena& arena);

}  // namespace sluice
