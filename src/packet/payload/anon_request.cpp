// ANON_REQ (protocol B6): a request of somebody the receiver does not know yet.
//
//   0          1                    33       35
//   +----------+--------------------+--------+----------------------+
//   | dest(1)  | sender's key (32)  | mac(2) | ciphertext (16 * n)  |
//   +----------+--------------------+--------+----------------------+
//
//   The key is the sender's real identity; the stored name says otherwise and is kept.

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

namespace sluice {

void write_anon_request(const Frame& frame, JsonWriter& json) {
  ByteReader reader(frame.payload);
  const auto dest = reader.bytes(1);
  const auto key = reader.bytes(32);
  const auto mac = reader.bytes(2);
  if (reader.failed()) return write_short_payload("ANON_REQ", frame.payload, "too short", json);
  json.text("type", "ANON_REQ");
  json.hex("destHash", dest);
  json.hex("mac", mac);
  json.hex("encryptedData", reader.rest());
  json.hex("ephemeralPubKey", key);
}

}  // namespace sluice
