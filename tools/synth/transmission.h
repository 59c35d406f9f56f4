#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "frame_bytes.h"
#include "network_model.h"
#include "packet/frame.h"

namespace sluice {

/// What all copies of one packet share.
struct Transmission {
  PayloadType type = PayloadType::kRequest;
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

  [[nodiscard]] bool flooded() const noexcept { return is_flood(route); }
  [[nodiscard]] bool has_codes() const noexcept { return has_transport_codes(route); }
};

}  // namespace sluice
