#include "packet/payload/trace.h"

#include "base/byte_reader.h"

namespace sluice {

std::optional<Trace> parse_trace(std::span<const std::uint8_t> payload) noexcept {
  ByteReader reader(payload);
  Trace trace;
  trace.tag = reader.u32();
  trace.auth_code = reader.u32();
  trace.flags = reader.u8();
  if (reader.failed()) return std::nullopt;
  trace.route = reader.rest();
  return trace;
}

}  // namespace sluice
