// ACK (protocol B2).
//
//   0            4           5         6
//   +------------+-----------+---------+
//   | code(4)    | attempt   | random  |     4 bytes, or 6 since firmware 1.16;
//   +------------+-----------+---------+     5 from development builds between
//
//   code      first 4 bytes of a SHA-256; stored as the number they would be in little-endian
//   attempt   which try of the message this answers
//   random    makes repeated ACKs differ in their content hash

#include <algorithm>

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

namespace sluice {

void write_ack(const Frame& frame, JsonWriter& json) {
  constexpr std::size_t kLongestAck = 6;
  ByteReader reader(frame.payload);
  const std::uint32_t code = reader.u32();
  if (reader.failed()) return write_short_payload("ACK", frame.payload, "too short", json);
  json.text("type", "ACK");
  json.hex_number("extraHash", code);
  json.integer("ackLen", static_cast<std::int64_t>(std::min(frame.payload.size(), kLongestAck)));
  if (reader.remaining() >= 1) json.integer("ackAttempt", reader.u8());
  if (reader.remaining() >= 1) json.integer("ackRand", reader.u8());
}

}  // namespace sluice
