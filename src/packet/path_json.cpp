#include "packet/path_json.h"

#include "base/hex.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

struct Hops {
  std::span<const std::uint8_t> bytes;
  std::size_t size;
  std::size_t count;
};

Hops stored_hops(const Frame& frame) noexcept {
  if (frame.type == PayloadType::kTrace) {
    const auto trace = parse_trace(frame.payload);
    if (trace && !trace->route.empty())
      return {trace->route, trace->hop_size(), trace->hop_count()};
  }
  return {frame.path, frame.hash_size, frame.hash_count};
}

}  // namespace

std::string_view path_json(const Frame& frame, Arena& arena) {
  const Hops hops = stored_hops(frame);
  if (hops.count == 0) return "[]";
  const std::size_t length = hops.count * (2 * hops.size + 3) + 1;  // "AB", per hop, and brackets
  char* const start = arena.allocate(length);
  char* out = start;
  *out++ = '[';
  for (std::size_t i = 0; i < hops.count; ++i) {
    if (i > 0) *out++ = ',';
    *out++ = '"';
    out = encode_hex(hops.bytes.subspan(i * hops.size, hops.size), kUpperHexDigits, out);
    *out++ = '"';
  }
  *out++ = ']';
  return {start, length};
}

}  // namespace sluice
