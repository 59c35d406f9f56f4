#pragma once

#include <string_view>

#include "base/arena.h"
#include "decode/json_reader.h"
#include "decode/topic.h"
#include "model/envelope.h"

namespace sluice {

/// Reads a record that the filters let pass and that is no status: a packet when it has a non-empty
/// `raw`, whatever its topic (contract 3.3, 9 to 11, and 3.4). `source_region` stands in where the
/// topic's region is missing or empty. Texts are copied to `arena`.
[[nodiscard]] Envelope read_packet(const JsonObject& record, const Topic& topic,
                                   std::string_view source_region, Arena& arena);

/// Direction, SNR, RSSI and score alone, for records that have no frame.
[[nodiscard]] PacketReport read_signal(const JsonObject& record, Arena& arena);

}  // namespace sluice
