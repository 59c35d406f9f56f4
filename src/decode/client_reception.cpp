#include "decode/client_reception.h"

#include <span>

#include "base/hex.h"
#include "packet/frame.h"
#include "packet/payload/advert.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

constexpr std::size_t kLeastHopBytes = 2;  // one byte fits too many nodes

/// The last hop as the decoder sees it: a TRACE has its path in the payload. Empty when there is
/// none.
std::span<const std::uint8_t> last_hop(const Frame& frame) {
  if (frame.type == PayloadType::kTrace) {
    const auto trace = parse_trace(frame.payload);
    if (trace && !trace->route.empty()) {
      return trace->hop_count() > 0 ? trace->hop(trace->hop_count() - 1)
                                    : std::span<const std::uint8_t>();
    }
  }
  if (frame.hash_count == 0) return {};
  return frame.hop(frame.hash_count - 1U);
}

std::string_view lower_hex(std::span<const std::uint8_t> bytes, Arena& arena) {
  char* const digits = arena.allocate(bytes.size() * 2);
  encode_hex(bytes, kLowerHexDigits, digits);
  return {digits, bytes.size() * 2};
}

}  // namespace

RejectReason find_heard(ClientReception& reception, Arena& arena) {
  const FrameResult parsed = parse_frame_text(reception.report.raw, arena);
  if (!parsed.ok()) return parsed.error;
  const Frame& frame = parsed.frame;
  std::span<const std::uint8_t> heard = last_hop(frame);
  if (!heard.empty()) {
    // Along a direct route the last hop is the next one, not the one that was heard.
    if (!is_flood(frame.route) || heard.size() < kLeastHopBytes) {
      return RejectReason::kClientNothingHeard;
    }
  } else {
    const auto advert =
        frame.type == PayloadType::kAdvert ? parse_advert(frame.payload) : std::nullopt;
    if (!advert) return RejectReason::kClientNothingHeard;
    heard = advert->public_key;
    reception.from_advert = true;
  }
  reception.heard_key = lower_hex(heard, arena);
  reception.heard_key_bytes = static_cast<std::int64_t>(heard.size());
  return RejectReason::kNone;
}

}  // namespace sluice
