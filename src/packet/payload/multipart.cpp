// MULTIPART (protocol B7): today one of several copies of an ACK.
//
//   0                        1
//   +-----------+------------+---------------------------------+
//   | remaining | inner type | inner payload                   |
//   |  (4 bits) |  (4 bits)  | ACK: code(4) [attempt] [random] |
//   +-----------+------------+---------------------------------+
//
//   remaining   how many more copies follow

#include <algorithm>

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

namespace sluice {
namespace {

constexpr std::size_t kShortestAck = 4;
constexpr std::size_t kLongestAck = 6;

void write_inner_ack(std::span<const std::uint8_t> ack, JsonWriter& json) {
  ByteReader reader(ack);
  json.hex_number("innerAckCrc", reader.u32());
  json.integer("innerAckLen", static_cast<std::int64_t>(std::min(ack.size(), kLongestAck)));
  if (reader.remaining() >= 1) json.integer("innerAckAttempt", reader.u8());
  if (reader.remaining() >= 1) json.integer("innerAckRand", reader.u8());
}

}  // namespace

void write_multipart(const Frame& frame, JsonWriter& json) {
  ByteReader reader(frame.payload);
  const std::uint8_t head = reader.u8();
  if (reader.failed()) return write_short_payload("MULTIPART", frame.payload, "too short", json);
  const auto inner_type = static_cast<PayloadType>(head & 0x0FU);
  json.text("type", "MULTIPART");
  json.integer("remaining", head >> 4U);
  json.integer("innerType", head & 0x0FU);
  json.text("innerTypeName", to_string(inner_type));
  if (inner_type == PayloadType::kAck && reader.remaining() >= kShortestAck)
    write_inner_ack(reader.rest(), json);
  else
    json.hex("innerPayload", reader.rest());
}

}  // namespace sluice
