#include "flood_planner.h"

#include <algorithm>
#include <cstdlib>

namespace sluice {
namespace {

constexpr std::uint32_t kAdvertHops = 8;
constexpr std::size_t kPathBytes = 64;

std::int32_t distance(Cell a, Cell b) { return std::abs(a.x - b.x) + std::abs(a.y - b.y); }

std::uint32_t max_hops(const Transmission& transmission) {
  const auto fits = static_cast<std::uint32_t>(kPathBytes / transmission.hash_size);
  const std::uint32_t hops = std::min(63U, fits);
  return transmission.type == PayloadType::kAdvert ? std::min(kAdvertHops, hops) : hops;
}

/// Types that travel along a known way only (protocol A4), and those that usually do.
std::uint32_t direct_permille(PayloadType type) {
  switch (type) {
    case PayloadType::kTrace:
    case PayloadType::kMultipart:
    case PayloadType::kControl:
    case PayloadType::kRawCustom:
      return 1000;
    case PayloadType::kAdvert:
      return 60;
    case PayloadType::kGroupText:
    case PayloadType::kReserved12:
      return 0;
    default:
      return 350;
  }
}

}  // namespace

void FloodPlanner::choose_route(Rng& rng, Transmission& transmission) const {
  const bool direct = rng.permille(direct_permille(transmission.type));
  const bool coded = rng.permille(direct ? 40 : 150);
  transmission.transport_codes = {};
  if (!coded) {
    transmission.route = direct ? RouteType::kDirect : RouteType::kFlood;
    return;
  }
  transmission.route = direct ? RouteType::kTransportDirect : RouteType::kTransportFlood;
  // A share of codes {0,0}: not scoped, a contact passed on by hand.
  if (rng.permille(50)) return;
  const MeshRegion& region = rng.pick(network_.regions);
  const auto code = scope_code(region.key, static_cast<std::uint8_t>(transmission.type),
                               transmission.payload.view());
  std::copy(code.begin(), code.end(), transmission.transport_codes.begin());
}

std::uint32_t FloodPlanner::copy_count(Rng& rng, const Transmission& transmission,
                                       std::uint32_t most) {
  // The product of two even draws: many packets with few copies, a long tail to `most`.
  const std::uint64_t a = rng.next() >> 32;
  const std::uint64_t b = rng.next() >> 32;
  const std::uint64_t product = (a * b) >> 32;
  if (!transmission.flooded())
    return 1 + static_cast<std::uint32_t>(product * std::min(most, 5U) >> 32);
  const std::uint64_t wide = most + most / 2;
  return std::min(most, 1 + static_cast<std::uint32_t>((product * wide) >> 32));
}

/// The nearer of two: packets are heard more often where they are sent.
std::uint32_t FloodPlanner::choose_observer(Rng& rng, Cell origin) const {
  const auto count = static_cast<std::uint32_t>(network_.observers.size());
  const std::uint32_t a = rng.below(count);
  const std::uint32_t b = rng.below(count);
  const bool a_nearer =
      distance(network_.observers[a].cell, origin) <= distance(network_.observers[b].cell, origin);
  return a_nearer ? a : b;
}

void FloodPlanner::plan_copy(Rng& rng, const Transmission& transmission, PacketCopy& copy) const {
  copy.observer = choose_observer(rng, transmission.origin);
  copy.path_bytes = 0;
  if (transmission.flooded()) {
    flood_path(rng, transmission, copy);
  } else {
    direct_path(rng, transmission, copy);
  }
  const std::uint32_t hops = copy.path_bytes / transmission.hash_size;
  copy.path_byte = static_cast<std::uint8_t>((transmission.hash_size - 1) << 6 | hops);
  // Each hop waits for its turn on the air; the report then takes its time to the broker.
  copy.delay_us = static_cast<std::int64_t>(rng.below(500'000)) +
                  static_cast<std::int64_t>(hops) * rng.between(150'000, 450'000);
  signal(rng, hops, copy);
  copy.sent = network_.observers[copy.observer].repeats && rng.permille(20);
}

/// A walk over the repeaters' grid from the sender to the observer, with a step that a radio could
/// make and some detours, so that no two copies need have the same way.
void FloodPlanner::flood_path(Rng& rng, const Transmission& transmission, PacketCopy& copy) const {
  const Cell goal = network_.observers[copy.observer].cell;
  Cell at = transmission.origin;
  const std::uint32_t most = max_hops(transmission);
  for (std::uint32_t hop = 0; hop < most; ++hop) {
    if (distance(at, goal) <= 3 && rng.permille(hop == 0 ? 250 : 600)) return;
    const std::int32_t detour_x = rng.between(-1, 1);
    const std::int32_t detour_y = rng.between(-1, 1);
    at.x += std::clamp(goal.x - at.x, -3, 3) + detour_x;
    at.y += std::clamp(goal.y - at.y, -3, 3) + detour_y;
    at = network_.clamp(at);
    const PublicKey& key = network_.repeater_near(at).identity.public_key();
    std::copy_n(key.begin(), transmission.hash_size, copy.path.begin() + copy.path_bytes);
    copy.path_bytes = static_cast<std::uint8_t>(copy.path_bytes + transmission.hash_size);
  }
}

/// What is left of the way; for TRACE the SNR values of the hops that are done (protocol B10).
void FloodPlanner::direct_path(Rng& rng, const Transmission& transmission, PacketCopy& copy) const {
  const bool zero_hop = transmission.type == PayloadType::kControl || rng.permille(400);
  const std::uint32_t hops = transmission.type == PayloadType::kTrace
                                 ? rng.below(transmission.trace_hops + 1U)
                             : zero_hop ? 0
                                        : 1 + rng.below(4);
  Cell at = transmission.origin;
  for (std::uint32_t hop = 0; hop < hops; ++hop) {
    if (transmission.type == PayloadType::kTrace) {
      copy.path[copy.path_bytes++] = static_cast<std::uint8_t>(rng.between(-60, 52));
      continue;
    }
    at.x += rng.between(-2, 2);
    at.y += rng.between(-2, 2);
    at = network_.clamp(at);
    const PublicKey& key = network_.repeater_near(at).identity.public_key();
    std::copy_n(key.begin(), transmission.hash_size, copy.path.begin() + copy.path_bytes);
    copy.path_bytes = static_cast<std::uint8_t>(copy.path_bytes + transmission.hash_size);
  }
}

void FloodPlanner::signal(Rng& rng, std::uint32_t hops, PacketCopy& copy) const {
  // The sum of two draws: values near the middle are the common ones.
  const std::int32_t first = rng.between(-44, 26);
  const std::int32_t second = rng.between(-36, 26);
  copy.snr_q4 = hops == 0 ? first + 20 : first + second;
  copy.rssi_dbm = std::clamp(-92 + copy.snr_q4 / 3 + rng.between(-14, 14), -130, -20);
  copy.score = static_cast<std::uint32_t>(std::clamp(500 + copy.snr_q4 * 8, 0, 1000));
}

}  // namespace sluice
