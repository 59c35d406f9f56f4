#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "frame_bytes.h"
#include "network_model.h"

namespace sluice {

/// On-air numbers (protocol A1).
enum class PacketType : std::uint8_t {
  kReq = 0,
  kResponse = 1,
  kTxtMsg = 2,
  kAck = 3,
  kAdvert = 4,
  kGrpTxt = 5,
  kGrpData = 6,
  kAnonReq = 7,
  kPath = 8,
  kTrace = 9,
  kMultipart = 10,
  kControl = 11,
  kReserved = 12,
  kRawCustom = 15,
};
enum class RouteType : std::uint8_t {
  kTransportFlood = 0,
  kFlood = 1,
  kDirect = 2,
  kTransportDirect = 3,
};

/// What all copies of one packet share.
struct Transmission {
  PacketType type = PacketType::kReq;
  RouteType route = RouteType::kFlood;
  std::uint8_t hash_size = 1;
  bool badly_signed = false;
  std::uint8_t trace_hops = 0;  ///< TRACE: entries in its route
  std::array<std::uint8_t, 4> transport_codes{};
  FrameBytes payload;
  std::string payload_hex;  ///< upper case
  std::string hash_text;    ///< upper case; TRACE has one per copy instead
  Cell origin;
  std::uint32_t copies_left = 0;  ///< how many planned records still need it

  [[nodiscard]] bool flooded() const noexcept {
    return route == RouteType::kFlood || route == RouteType::kTransportFlood;
  }
  [[nodiscard]] bool has_codes() const noexcept {
    return route == RouteType::kTransportFlood || route == RouteType::kTransportDirect;
  }
};

}  // namespace sluice
