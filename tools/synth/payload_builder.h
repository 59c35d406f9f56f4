#pragma once

#include <cstdint>

#include "network_model.h"
#include "transmission.h"

namespace sluice {

/// Writes the payloads of a transmission: what nodes of this network would send.
///
/// Thread: bound(its user).
class PayloadBuilder {
 public:
  explicit PayloadBuilder(const NetworkModel& network) noexcept : network_(network) {}

  /// Fills type and payload, hash size and origin for a packet sent at `now` (epoch seconds).
  void build(Rng& rng, std::int64_t now, Transmission& out) const;

 private:
  void advert(Rng& rng, const MeshNode& sender, std::uint32_t time, Transmission& out) const;
  void group_text(Rng& rng, const MeshNode& sender, std::uint32_t time, Transmission& out) const;
  void group_data(Rng& rng, Transmission& out) const;
  void sealed_pair(Rng& rng, const MeshNode& sender, std::uint32_t blocks, Transmission& out) const;
  void anonymous(Rng& rng, const MeshNode& sender, Transmission& out) const;
  void trace(Rng& rng, Transmission& out) const;
  void control(Rng& rng, const MeshNode& sender, std::uint32_t time, Transmission& out) const;
  void body(Rng& rng, const MeshNode& sender, std::uint32_t time, Transmission& out) const;
  [[nodiscard]] const MeshChannel& random_channel(Rng& rng) const;

  const NetworkModel& network_;
};

}  // namespace sluice
