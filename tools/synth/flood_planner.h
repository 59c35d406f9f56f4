#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "network_model.h"
#include "transmission.h"

namespace sluice {

/// One reception of a transmission: who heard it, when, along which way.
struct PacketCopy {
  std::uint32_t observer = 0;
  std::int64_t delay_us = 0;  ///< after the transmission began
  std::int32_t snr_q4 = 0;    ///< quarters of a dB
  std::int32_t rssi_dbm = 0;
  std::uint32_t score = 0;  ///< 0 to 1000
  bool sent = false;        ///< the observer's node transmitted it (direction tx)
  std::uint8_t path_byte = 0;
  std::uint8_t path_bytes = 0;
  std::array<std::uint8_t, 64> path;

  [[nodiscard]] std::span<const std::uint8_t> path_view() const noexcept {
    return {path.data(), path_bytes};
  }
};

/// Decides the route of a transmission and along which ways its copies reach the observers.
///
/// Thread: bound(its user).
class FloodPlanner {
 public:
  explicit FloodPlanner(const NetworkModel& network) noexcept : network_(network) {}

  /// Sets route and transport codes of a transmission whose payload is made.
  void choose_route(Rng& rng, Transmission& transmission) const;

  /// How many observers report it: 1 to most, about 0.3 * most on average, less for direct routes.
  [[nodiscard]] static std::uint32_t copy_count(Rng& rng, const Transmission& transmission,
                                                std::uint32_t most);

  void plan_copy(Rng& rng, const Transmission& transmission, PacketCopy& copy) const;

 private:
  [[nodiscard]] std::uint32_t choose_observer(Rng& rng, Cell origin) const;
  void flood_path(Rng& rng, const Transmission& transmission, PacketCopy& copy) const;
  void direct_path(Rng& rng, const Transmission& transmission, PacketCopy& copy) const;
  void signal(Rng& rng, std::uint32_t hops, PacketCopy& copy) const;

  const NetworkModel& network_;
};

}  // namespace sluice
