// CONTROL (protocol B8): unencrypted, told apart by the upper half of byte 0.
//
//   DISCOVER_REQ    0             1         2       6
//                   +------+------+---------+-------+-----------+
//                   | 8    | bits | filter  | tag(4)| [since(4)]|
//                   +------+------+---------+-------+-----------+
//
//   DISCOVER_RESP   0             1         2       6
//                   +------+------+---------+-------+-----------------------+
//                   | 9    | node | snr i8  | tag(4)| public key (32 or 8)  |
//                   +------+------+---------+-------+-----------------------+
//
//   filter   bit n asks for nodes of type n
//   snr      as the responder heard the request; stored as it is, in quarters of a dB
//   bit 7 of byte 0 means: not to be forwarded

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

namespace sluice {
namespace {

constexpr unsigned kDiscoverRequest = 8;
constexpr unsigned kDiscoverResponse = 9;
constexpr std::size_t kMinRequestRest = 5;  // filter and tag
constexpr std::size_t kMinResponseRest = 5;
constexpr std::size_t kWholeKey = 32;
constexpr std::size_t kKeyPrefix = 8;

void write_discover_request(ByteReader reader, JsonWriter& json) {
  if (reader.remaining() < kMinRequestRest) return;
  json.integer("ctrlFilter", reader.u8());
  json.integer("ctrlTag", reader.u32());
  if (reader.remaining() >= 4) json.integer("ctrlSince", reader.u32());
}

void write_discover_response(std::uint8_t head, ByteReader reader, JsonWriter& json) {
  if (reader.remaining() < kMinResponseRest) return json.integer("ctrlNodeType", head & 0x0FU);
  const std::int8_t snr = reader.i8();
  json.integer("ctrlTag", reader.u32());
  json.integer("ctrlNodeType", head & 0x0FU);
  json.integer("ctrlSNR", snr);
  if (reader.remaining() >= kWholeKey)
    json.hex("ctrlPubKey", reader.bytes(kWholeKey));
  else if (reader.remaining() >= kKeyPrefix)
    json.hex("ctrlPubKey", reader.bytes(kKeyPrefix));
}

}  // namespace

void write_control(const Frame& frame, JsonWriter& json) {
  ByteReader reader(frame.payload);
  const auto head = reader.bytes(1);
  if (reader.failed()) return write_short_payload("CONTROL", frame.payload, "too short", json);
  const unsigned subtype = head[0] >> 4U;
  json.text("type", "CONTROL");
  json.hex("raw", frame.payload);
  json.hex("ctrlFlags", head);
  json.flag("ctrlZeroHop", (head[0] & 0x80U) != 0);
  json.integer("ctrlLength", static_cast<std::int64_t>(frame.payload.size()));
  if (subtype == kDiscoverRequest) {
    json.text("ctrlSubtype", "DISCOVER_REQ");
    write_discover_request(reader, json);
  } else if (subtype == kDiscoverResponse) {
    json.text("ctrlSubtype", "DISCOVER_RESP");
    write_discover_response(head[0], reader, json);
  } else {
    json.text("ctrlSubtype", "UNKNOWN");
  }
}

}  // namespace sluice
