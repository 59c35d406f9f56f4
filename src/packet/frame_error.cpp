#include <algorithm>

#include <fmt/format.h>

#include "base/hex.h"
#include "packet/frame.h"

namespace sluice {
namespace {

// Latin-1, since a bad byte is named by its value, not by the character it may be a part of.
bool is_printable(unsigned char c) noexcept {
  return (c >= 0x20 && c < 0x7F) || (c > 0xA0 && c != 0xAD);
}

std::string as_utf8(unsigned char c) {
  if (c < 0x80) return {static_cast<char>(c)};
  return {static_cast<char>(0xC0U | (c >> 6U)), static_cast<char>(0x80U | (c & 0x3FU))};
}

std::string describe_hex_error(std::string_view hex) {
  const auto bad =
      std::find_if(hex.begin(), hex.end(), [](char c) { return hex_digit_value(c) < 0; });
  if (bad == hex.end()) return "invalid hex: encoding/hex: odd length hex string";
  const auto byte = static_cast<unsigned char>(*bad);
  std::string text = fmt::format("invalid hex: encoding/hex: invalid byte: U+{:04X}", byte);
  if (is_printable(byte)) text += fmt::format(" '{}'", as_utf8(byte));
  return text;
}

std::string describe_short_frame(const Frame& frame, std::size_t bytes) {
  if (bytes < 2) return "packet too short (need at least header + pathLength)";
  if (has_transport_codes(frame.route) && !frame.transport_codes)
    return "packet too short for transport codes";
  return "packet too short (no path byte)";
}

}  // namespace

std::string describe_frame_error(std::string_view raw) {
  const std::string hex = strip_frame_text(raw);
  Arena arena(kMaxFrameBytes);
  const FrameResult result = parse_frame_text(hex, arena);
  const Frame& frame = result.frame;
  const std::size_t bytes = hex.size() / 2;
  switch (result.error) {
    case RejectReason::kNone:
      return {};
    case RejectReason::kBadHex:
      return describe_hex_error(hex);
    case RejectReason::kFrameTooShort:
      return describe_short_frame(frame, bytes);
    case RejectReason::kFrameBadPathEncoding:
      return fmt::format(
          "invalid path encoding: pathByte 0x{:02X} (hash_size={} hash_count={}) violates firmware "
          "validity (Packet.cpp:13-18, MAX_PATH_SIZE=64)",
          frame.path_byte, frame.hash_size, frame.hash_count);
    case RejectReason::kFramePathOverrun:
      return fmt::format(
          "packet path length ({} bytes claimed by pathByte 0x{:02X}) exceeds buffer ({} bytes)",
          frame.hash_size * frame.hash_count, frame.path_byte, bytes);
    default: {
      const std::size_t payload = bytes - (result.error_offset - kMaxPayloadBytes);
      return fmt::format(
          "packet payload ({} bytes) exceeds firmware MAX_PACKET_PAYLOAD={} (MeshCore.h:19)",
          payload, kMaxPayloadBytes);
    }
  }
}

}  // namespace sluice
