// RAW_CUSTOM and the reserved types 12 to 14: opaque bytes (protocol B9).
//
//   0
//   +-----------------------------+
//   | anything, or nothing at all |
//   +-----------------------------+

#include "packet/payload/payload_json.h"

namespace sluice {

void write_short_payload(std::string_view type, std::span<const std::uint8_t> payload,
                         std::string_view error, JsonWriter& json) {
  json.text("type", type);
  json.hex("raw", payload);
  json.text("error", error);
}

void write_raw_custom(const Frame& frame, JsonWriter& json) {
  json.text("type", "RAW_CUSTOM");
  json.hex("raw", frame.payload);
  json.integer("rawLength", static_cast<std::int64_t>(frame.payload.size()));
  if (!frame.payload.empty()) json.upper_hex("firstByteTag", frame.payload.first(1));
}

void write_reserved(const Frame& frame, JsonWriter& json) {
  json.text("type", "UNKNOWN");
  json.hex("raw", frame.payload);
}

}  // namespace sluice
