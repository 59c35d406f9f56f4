// REQ, RESPONSE, TXT_MSG, PATH: sealed with the secret of the pair, so an observer sees the outside
// only (protocol B1).
//
//   0          1         2      4
//   +----------+---------+------+--------------------------+
//   | dest(1)  | src(1)  | mac(2) | ciphertext (16 * n)     |
//   +----------+---------+------+--------------------------+
//
//   dest, src   first byte of the public keys, whatever the path's hash size
//   mac         first 2 bytes of HMAC-SHA256 over the ciphertext

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

namespace sluice {

void write_sealed_envelope(const Frame& frame, JsonWriter& json) {
  const std::string_view type = to_string(frame.type);
  ByteReader reader(frame.payload);
  const auto dest = reader.bytes(1);
  const auto src = reader.bytes(1);
  const auto mac = reader.bytes(2);
  if (reader.failed()) return write_short_payload(type, frame.payload, "too short", json);
  const bool is_path = frame.type == PayloadType::kPath;
  json.text("type", type);
  json.hex("destHash", dest);
  json.hex("srcHash", src);
  json.hex("mac", mac);
  json.hex(is_path ? "pathData" : "encryptedData", reader.rest());
}

}  // namespace sluice
