#pragma once

#include "base/arena.h"
#include "decode/json_reader.h"
#include "decode/topic.h"
#include "model/envelope.h"

namespace sluice {

/// Reads a text that the companion bridge received (contract 3.7, protocol D6): a CompanionMessage,
/// or kNoPacket when the record has no text. Texts are copied to `arena`.
[[nodiscard]] Envelope read_companion(const JsonObject& record, const Topic& topic, Arena& arena);

}  // namespace sluice
