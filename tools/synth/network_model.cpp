#include "network_model.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <sodium.h>

#include "base/hex.h"
#include "names.h"

namespace sluice {
namespace {

enum Purpose : std::uint64_t { kNodes = 1, kObservers, kChannels, kRegionKeys };

constexpr MeshSecret kPublicChannel = {0x8b, 0x33, 0x87, 0xe9, 0xc5, 0xcd, 0xea, 0x6a,
                                       0xc9, 0xe5, 0xed, 0xba, 0xa1, 0x15, 0xcd, 0x72};

constexpr auto kModels = std::to_array<std::string_view>(
    {"Heltec V3", "RAK 4631", "Station G2", "LilyGo T3S3", "Xiao nRF52", "Heltec T114"});
constexpr auto kFirmware =
    std::to_array<std::string_view>({"v1.17.1", "v1.17.0", "v1.16.2", "v1.15.0-dev"});
constexpr auto kRadios = std::to_array<std::string_view>(
    {"910.525,62.5,7,5", "910.525000,62.5,7,5", "869.618,62.5,8,8", "unknown"});

NodeRole random_role(Rng& rng) {
  const std::uint32_t draw = rng.below(1000);
  if (draw < 580) return NodeRole::kChat;
  if (draw < 930) return NodeRole::kRepeater;
  return draw < 975 ? NodeRole::kRoom : NodeRole::kSensor;
}

std::uint8_t random_hash_size(Rng& rng) {
  const std::uint32_t draw = rng.below(100);
  if (draw < 80) return 1;
  return draw < 95 ? 2 : 3;
}

/// Keys that begin with 00 or FF are refused by the firmware (protocol C3).
Identity random_identity(Rng& rng) {
  while (true) {
    std::array<std::uint8_t, 32> seed;
    rng.fill(seed);
    Identity identity(seed);
    const std::uint8_t first = identity.public_key()[0];
    if (first != 0 && first != 0xFF) return identity;
  }
}

/// Most clocks are right; some are off by seconds, a few by an hour or more.
std::int32_t random_clock_error(Rng& rng) {
  const std::uint32_t draw = rng.below(100);
  if (draw < 85) return rng.between(-2, 2);
  if (draw < 97) return rng.between(-120, 120);
  return rng.between(-14400, 14400);
}

BridgeKind random_bridge(Rng& rng) {
  const std::uint32_t draw = rng.below(100);
  if (draw < 55) return BridgeKind::kSerial;
  return draw < 80 ? BridgeKind::kFirmware : BridgeKind::kCapture;
}

}  // namespace

NetworkModel::NetworkModel(const SynthOptions& options) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  make_nodes(options);
  make_observers(options);
  make_channels(options);
  make_regions(options);
}

void NetworkModel::make_nodes(const SynthOptions& options) {
  Rng rng = Rng::stream(options.seed, kNodes);
  nodes.reserve(options.nodes);
  for (std::uint32_t i = 0; i < options.nodes; ++i) {
    Identity identity = random_identity(rng);
    const NodeRole role = i == 0 ? NodeRole::kRepeater : random_role(rng);
    if (role == NodeRole::kRepeater) repeaters_.push_back(i);
    std::string name = make_node_name(rng, i);
    const std::uint8_t hash_size = random_hash_size(rng);
    const std::int32_t clock_error = random_clock_error(rng);
    nodes.push_back({identity, role, std::move(name), 0, 0, hash_size, clock_error, Cell{}});
  }
  while (static_cast<std::size_t>(width_) * static_cast<std::size_t>(width_) < repeaters_.size()) {
    ++width_;
  }
  height_ = (static_cast<std::int32_t>(repeaters_.size()) + width_ - 1) / width_;
  for (MeshNode& node : nodes) node.cell = random_cell(rng);
  for (std::size_t i = 0; i < repeaters_.size(); ++i) {
    const auto n = static_cast<std::int32_t>(i);
    nodes[repeaters_[i]].cell = {n % width_, n / width_};
  }
  for (MeshNode& node : nodes) {
    node.lat_e6 = 36'500'000 + node.cell.y * 30'000 + rng.between(-12'000, 12'000);
    node.lon_e6 = -123'000'000 + node.cell.x * 40'000 + rng.between(-15'000, 15'000);
  }
}

void NetworkModel::make_observers(const SynthOptions& options) {
  Rng rng = Rng::stream(options.seed, kObservers);
  observers.reserve(options.observers);
  for (std::uint32_t i = 0; i < options.observers; ++i) {
    MeshObserver observer{};
    // Two of three are repeaters of the network that also report; the others only listen.
    const bool is_repeater = i % 3 != 2 && i < repeaters_.size();
    if (is_repeater) {
      const std::size_t stride = std::max<std::size_t>(1, repeaters_.size() / options.observers);
      const MeshNode& node = nodes[repeaters_[i * stride % repeaters_.size()]];
      observer.id = to_upper_hex(node.identity.public_key());
      observer.name = node.name;
      observer.cell = node.cell;
    } else {
      observer.id = to_upper_hex(random_identity(rng).public_key());
      observer.name = make_node_name(rng, i) + " Observer";
      observer.cell = random_cell(rng);
    }
    observer.repeats = is_repeater;
    observer.iata = iata_at(observer.cell);
    observer.bridge = random_bridge(rng);
    observer.model = rng.pick(kModels);
    observer.firmware = rng.pick(kFirmware);
    observer.radio = rng.pick(kRadios);
    observer.clock_error_s = random_clock_error(rng);
    observer.noise_floor_dbm = rng.between(-122, -98);
    observer.uptime_s = rng.below(3'000'000);
    observers.push_back(std::move(observer));
  }
}

void NetworkModel::make_channels(const SynthOptions& options) {
  Rng rng = Rng::stream(options.seed, kChannels);
  channels.push_back({"Public", ChannelSeal(kPublicChannel)});
  for (std::uint32_t i = 0; i < options.channels; ++i) {
    std::string name = channel_name(i);
    const MeshSecret secret = secret_of_name(name);
    channels.push_back({std::move(name), ChannelSeal(secret)});
  }
  const std::uint32_t unknown = 1 + options.channels / 2;
  for (std::uint32_t i = 0; i < unknown; ++i) {
    MeshSecret secret;
    rng.fill(secret);
    channels.push_back({"", ChannelSeal(secret)});
  }
}

void NetworkModel::make_regions(const SynthOptions& options) {
  Rng rng = Rng::stream(options.seed, kRegionKeys);
  for (std::uint32_t i = 0; i < kRegions; ++i) {
    regions.push_back({region_name(i), secret_of_name(region_name(i))});
  }
  MeshRegion unknown{"", {}};
  rng.fill(unknown.key);
  regions.push_back(unknown);
}

Cell NetworkModel::random_cell(Rng& rng) const noexcept {
  const std::int32_t x = rng.between(0, width_ - 1);
  const std::int32_t y = rng.between(0, height_ - 1);
  return {x, y};
}

std::string_view NetworkModel::iata_at(Cell cell) const noexcept {
  const std::int32_t column = cell.x * 4 / width_;
  const std::int32_t row = cell.y * 3 / height_;
  return iata_code(static_cast<std::uint32_t>(row * 4 + column));
}

Cell NetworkModel::clamp(Cell cell) const noexcept {
  return {std::clamp(cell.x, 0, width_ - 1), std::clamp(cell.y, 0, height_ - 1)};
}

const MeshNode& NetworkModel::repeater_near(Cell cell) const noexcept {
  const Cell inside = clamp(cell);
  const std::size_t index = static_cast<std::size_t>(inside.y) * static_cast<std::size_t>(width_) +
                            static_cast<std::size_t>(inside.x);
  return nodes[repeaters_[std::min(index, repeaters_.size() - 1)]];
}

std::string config_fragment(const NetworkModel& network) {
  std::string names;
  for (const MeshChannel& channel : network.channels) {
    if (!channel.name.starts_with('#')) continue;
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", channel.name);
  }
  std::string regions;
  for (const MeshRegion& region : network.regions) {
    if (region.name.empty()) continue;
    regions += fmt::format("{}\"{}\"", regions.empty() ? "" : ", ", region.name);
  }
  return fmt::format("{{\n  \"hashChannels\": [{}],\n  \"hashRegions\": [{}]\n}}\n", names,
                     regions);
}

}  // namespace sluice
