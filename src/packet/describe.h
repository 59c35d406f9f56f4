#pragma once

#include <string>
#include <string_view>

#include "packet/crypto/region_scope.h"
#include "packet/payload_decoder.h"

namespace sluice {

/// A packet in words, for people: what it is, each byte with its meaning, what is stored of it. A
/// malformed one says what is wrong and at which byte. Text from the air is made safe for a
/// terminal. `raw` is the hex text as observers publish it; `regions` may be null. With `colour`,
/// ANSI escapes.
[[nodiscard]] std::string describe_packet(std::string_view raw, PayloadDecoder& decoder,
                                          const RegionKeys* regions, bool colour);

/// The same for programs: one JSON object on one line. `valid` tells whether the other keys are
/// those of a packet, or `error`, `reason` and `offset`.
[[nodiscard]] std::string packet_as_json(std::string_view raw, PayloadDecoder& decoder,
                                         const RegionKeys* regions);

}  // namespace sluice
