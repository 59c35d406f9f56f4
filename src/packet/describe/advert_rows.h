#pragma once

#include "packet/describe/byte_table.h"
#include "packet/frame.h"
#include "packet/payload_decoder.h"

namespace sluice {

/// A row for each field of an advert, and what is wrong with any of them.
void add_advert_rows(const Frame& frame, const TransmissionFacts& facts, ByteTable& table);

}  // namespace sluice
