#pragma once

#include "base/arena.h"
#include "decode/json_reader.h"
#include "decode/topic.h"
#include "model/envelope.h"

namespace sluice {

/// Reads what a phone heard, and where (contract 3.8): a ClientReport, or why it is refused. Its
/// key comes from the topic, never from the payload. Texts are copied to `arena`.
[[nodiscard]] Envelope read_client_report(const JsonObject& record, const Topic& topic,
                                          Arena& arena);

}  // namespace sluice
