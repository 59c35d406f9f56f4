#include "packet/frame.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hex.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 4> kRouteNames = {"TRANSPORT_FLOOD", "FLOOD", "DIRECT",
                                                         "TRANSPORT_DIRECT"};

constexpr std::array<std::string_view, 16> kPayloadNames = {
    "REQ",  "RESPONSE", "TXT_MSG",   "ACK",     "ADVERT",  "GRP_TXT", "GRP_DATA", "ANON_REQ",
    "PATH", "TRACE",    "MULTIPART", "CONTROL", "UNKNOWN", "UNKNOWN", "UNKNOWN",  "RAW_CUSTOM"};

constexpr std::uint8_t kReservedHashSize = 4;

// Enough to reach the end of any path: what is wrong with a frame that is too long lies before.
constexpr std::size_t kHeadBytes = 1 + kTransportCodeBytes + 1 + kMaxPathBytes;

FrameResult fail(FrameResult result, RejectReason reason, std::size_t offset) noexcept {
  result.error = reason;
  result.error_offset = offset;
  return result;
}

std::size_t first_bad_digit(std::string_view hex) noexcept {
  const auto bad =
      std::find_if(hex.begin(), hex.end(), [](char c) { return hex_digit_value(c) < 0; });
  return static_cast<std::size_t>(bad - hex.begin());
}

FrameResult bad_hex(std::string_view hex) noexcept {
  return fail({}, RejectReason::kBadHex, first_bad_digit(hex) / 2);
}

// Not one valid frame is this long, so the verdict needs the digits checked and the head parsed.
FrameResult judge_long_text(std::string_view hex, Arena& arena) {
  if (hex.size() % 2 != 0 || first_bad_digit(hex) != hex.size()) return bad_hex(hex);
  auto* head = reinterpret_cast<std::uint8_t*>(arena.allocate(kHeadBytes));
  (void)decode_hex(hex.substr(0, kHeadBytes * 2), {head, kHeadBytes});
  FrameResult result = parse_frame({head, kHeadBytes});
  if (!result.ok()) return result;
  const auto payload_start = static_cast<std::size_t>(result.frame.payload.data() - head);
  return fail(result, RejectReason::kFramePayloadTooLong, payload_start + kMaxPayloadBytes);
}

}  // namespace

std::string_view to_string(RouteType route) noexcept {
  return kRouteNames[static_cast<std::size_t>(route)];
}

std::string_view to_string(PayloadType type) noexcept {
  return kPayloadNames[static_cast<std::size_t>(type)];
}

FrameResult parse_frame(std::span<const std::uint8_t> bytes) noexcept {
  FrameResult result;
  Frame& frame = result.frame;
  frame.bytes = bytes;
  if (bytes.empty()) return fail(result, RejectReason::kFrameTooShort, 0);

  const std::uint8_t header = bytes[0];
  frame.route = static_cast<RouteType>(header & 0x03U);
  frame.type = static_cast<PayloadType>((header >> 2U) & 0x0FU);
  frame.version = static_cast<std::uint8_t>(header >> 6U);
  if (bytes.size() < 2) return fail(result, RejectReason::kFrameTooShort, bytes.size());

  std::size_t at = 1;
  if (has_transport_codes(frame.route)) {
    if (bytes.size() < at + kTransportCodeBytes)
      return fail(result, RejectReason::kFrameTooShort, bytes.size());
    frame.transport_codes.emplace();
    std::memcpy(frame.transport_codes->data(), bytes.data() + at, kTransportCodeBytes);
    at += kTransportCodeBytes;
  }
  if (at >= bytes.size()) return fail(result, RejectReason::kFrameTooShort, bytes.size());

  frame.path_byte = bytes[at];
  frame.hash_size = static_cast<std::uint8_t>((frame.path_byte >> 6U) + 1U);
  frame.hash_count = frame.path_byte & 0x3FU;
  const std::size_t path_bytes = std::size_t{frame.hash_size} * frame.hash_count;
  if (frame.hash_size == kReservedHashSize || path_bytes > kMaxPathBytes)
    return fail(result, RejectReason::kFrameBadPathEncoding, at);
  ++at;
  if (path_bytes > bytes.size() - at)
    return fail(result, RejectReason::kFramePathOverrun, bytes.size());

  frame.path = bytes.subspan(at, path_bytes);
  at += path_bytes;
  frame.payload = bytes.subspan(at);
  if (frame.payload.size() > kMaxPayloadBytes)
    return fail(result, RejectReason::kFramePayloadTooLong, at + kMaxPayloadBytes);
  return result;
}

FrameResult parse_frame_text(std::string_view hex, Arena& arena) {
  const std::size_t count = hex.size() / 2;
  if (count > kMaxFrameBytes) return judge_long_text(hex, arena);
  auto* bytes = reinterpret_cast<std::uint8_t*>(arena.allocate(count));
  if (!decode_hex(hex, {bytes, count})) {
    arena.give_back(count);
    return bad_hex(hex);
  }
  return parse_frame({bytes, count});
}

std::string strip_frame_text(std::string_view raw) {
  std::string text(raw);
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r'; });
  return text;
}

}  // namespace sluice
