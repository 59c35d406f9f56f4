// TRACE (protocol B10): walks a given route and collects the signal at each hop.
//
//   0         4          8        9
//   +---------+----------+--------+-----------------------------+
//   | tag(4)  | auth(4)  | flags  | route: entries of 1 << (flags & 3) bytes
//   +---------+----------+--------+-----------------------------+
//
//   The header's path holds one signed byte per completed hop: SNR in quarters of a dB.

#include "packet/payload/trace.h"

#include <array>

#include "base/byte_reader.h"
#include "packet/payload/payload_json.h"

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

void write_trace(const Frame& frame, JsonWriter& json) {
  const auto trace = parse_trace(frame.payload);
  if (!trace) return write_short_payload("TRACE", frame.payload, "too short", json);
  json.text("type", "TRACE");
  json.hex("pathData", trace->route);
  // Without a route the path's bytes pass for hops, and with larger hashes they are no SNR values.
  if (!trace->route.empty() && frame.hash_size == 1) {
    std::array<double, kMaxPathBytes> snr;
    std::size_t count = 0;
    for (const std::uint8_t byte : frame.path)
      snr[count++] = static_cast<std::int8_t>(byte) / kSnrStepsPerDb;
    json.reals("snrValues", std::span(snr).first(count));
  }
  json.count("tag", trace->tag);
  json.count("authCode", trace->auth_code);
  json.integer("traceFlags", trace->flags);
}

}  // namespace sluice
