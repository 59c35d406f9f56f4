#pragma once

#include "packet/describe/byte_table.h"
#include "packet/frame.h"
#include "packet/payload_decoder.h"

namespace sluice {

/// Adds what each byte of the payload means. Of a payload that is too short for its type, only
/// that.
void add_payload_rows(const Frame& frame, const TransmissionFacts& facts, ByteTable& table);

/// Hops as people write them: `7D1D → 1F5D`.
[[nodiscard]] std::string hops_text(std::span<const std::uint8_t> bytes, std::size_t hop_size);

}  // namespace sluice
