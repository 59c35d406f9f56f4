#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/reject_reason.h"

namespace sluice {

/// Wire numbers, also what the tables store: never renumber.
enum class RouteType : std::uint8_t {
  kTransportFlood = 0,
  kFlood = 1,
  kDirect = 2,
  kTransportDirect = 3,
};

/// Wire numbers, also what the tables store: never renumber.
enum class PayloadType : std::uint8_t {
  kRequest = 0,
  kResponse = 1,
  kTextMessage = 2,
  kAck = 3,
  kAdvert = 4,
  kGroupText = 5,
  kGroupData = 6,
  kAnonRequest = 7,
  kPath = 8,
  kTrace = 9,
  kMultipart = 10,
  kControl = 11,
  kReserved12 = 12,
  kReserved13 = 13,
  kReserved14 = 14,
  kRawCustom = 15,
};

/// Carries transport (region) codes.
[[nodiscard]] constexpr bool has_transport_codes(RouteType route) noexcept {
  return route == RouteType::kTransportFlood || route == RouteType::kTransportDirect;
}
/// Forwarded by whoever hears it, each appending its hash to the path.
[[nodiscard]] constexpr bool is_flood(RouteType route) noexcept {
  return route == RouteType::kTransportFlood || route == RouteType::kFlood;
}
[[nodiscard]] std::string_view to_string(RouteType route) noexcept;
/// `UNKNOWN` for the reserved numbers 12 to 14.
[[nodiscard]] std::string_view to_string(PayloadType type) noexcept;

inline constexpr std::size_t kTransportCodeBytes = 4;
inline constexpr std::size_t kMaxPathBytes = 64;      ///< protocol A4
inline constexpr std::size_t kMaxPayloadBytes = 184;  ///< protocol A4
/// Header byte, transport codes, path byte, path, payload: nothing valid is longer.
inline constexpr std::size_t kMaxFrameBytes =
    1 + kTransportCodeBytes + 1 + kMaxPathBytes + kMaxPayloadBytes;

/// One packet as it was on air, cut into its parts (protocol A). Views point into the bytes it was
/// parsed from.
///
///   header(1) [transport_codes(4)] path_byte(1) path(hash_size * hash_count) payload(rest)
///
///   header     7 6 | 5 4 3 2 | 1 0        path_byte   7 6        | 5 .. 0
///              ver |  type   | route                  hash_size-1 | hash_count
///
/// Thread: immutable.
struct Frame {
  RouteType route = RouteType::kTransportFlood;
  PayloadType type = PayloadType::kRequest;
  std::uint8_t version =
      0;  ///< 0 is what firmware sends; others are stored, but parse as version 0
  std::optional<std::array<std::uint8_t, kTransportCodeBytes>> transport_codes;  ///< wire order
  std::uint8_t path_byte = 0;
  std::uint8_t hash_size = 1;   ///< bytes per hop, 1 to 3
  std::uint8_t hash_count = 0;  ///< hops
  std::span<const std::uint8_t> path;
  std::span<const std::uint8_t> payload;
  std::span<const std::uint8_t> bytes;  ///< the whole frame

  [[nodiscard]] std::span<const std::uint8_t> hop(std::size_t index) const noexcept {
    return path.subspan(index * hash_size, hash_size);
  }
};

/// A frame, or why there is none. On error the parts that were understood are filled in, and
/// `error_offset` is the byte at which the frame went wrong (its size, when bytes are missing).
struct FrameResult {
  RejectReason error = RejectReason::kNone;
  Frame frame;
  std::size_t error_offset = 0;

  [[nodiscard]] bool ok() const noexcept { return error == RejectReason::kNone; }
};

/// Applies protocol E1 in its order of checks. Any version and an empty payload pass.
[[nodiscard]] FrameResult parse_frame(std::span<const std::uint8_t> bytes) noexcept;

/// The same from hex text of either case, without whitespace. The bytes are decoded into `arena`,
/// at most kMaxFrameBytes of them: of a text that is too long for any frame only the head is
/// decoded, which is enough to tell what is wrong with it.
[[nodiscard]] FrameResult parse_frame_text(std::string_view hex, Arena& arena);

/// Drops spaces, CR and LF, which is what observers put between digits; a tab stays, and is a bad
/// digit (protocol E1).
[[nodiscard]] std::string strip_frame_text(std::string_view raw);

/// Says what is wrong with a raw text, in the words of the log (protocol E1); empty when it parses.
/// Whitespace is stripped first. For logs and people: decodes the text once more.
[[nodiscard]] std::string describe_frame_error(std::string_view raw);

}  // namespace sluice
