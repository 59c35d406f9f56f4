#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frame_crypto.h"
#include "synth_options.h"

namespace sluice {

/// A place on the grid that the repeaters form.
struct Cell {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

/// As adverts number them (protocol B3).
enum class NodeRole : std::uint8_t { kChat = 1, kRepeater = 2, kRoom = 3, kSensor = 4 };

struct MeshNode {
  Identity identity;
  NodeRole role;
  std::string name;
  std::int32_t lat_e6;  ///< degrees * 1,000,000
  std::int32_t lon_e6;
  std::uint8_t hash_size;  ///< bytes per hop in what this node floods: 1 to 3
  std::int32_t clock_error_s;
  Cell cell;
};

/// What sits between an observer's radio and the broker; each kind words its records its own way
/// (protocol D2).
enum class BridgeKind : std::uint8_t {
  kSerial,    ///< script on a computer: everything as text, whole dB
  kFirmware,  ///< in the node: compact, tenths of a dB as text, no score, naive time
  kCapture,   ///< capture tool: numbers
};

struct MeshObserver {
  std::string id;  ///< 64 hex digits, upper case
  std::string name;
  std::string_view iata;
  BridgeKind bridge;
  std::string_view model;
  std::string_view firmware;
  std::string_view radio;
  bool repeats;
  std::int32_t clock_error_s;
  std::int32_t noise_floor_dbm;
  std::uint32_t uptime_s;  ///< at the capture's start
  std::uint32_t heard = 0;
  Cell cell;
};

struct MeshChannel {
  std::string name;  ///< as an operator would configure it; empty = nobody knows the key
  ChannelSeal seal;
};

struct MeshRegion {
  std::string_view name;  ///< empty = a region the operator did not configure
  MeshSecret key;
};

/// The network that the capture is of: who is where, with which keys. Everything follows from the
/// options; only the observers' counters change.
///
/// Thread: bound(its user).
class NetworkModel {
 public:
  explicit NetworkModel(const SynthOptions& options);

  std::vector<MeshNode> nodes;
  std::vector<MeshObserver> observers;
  std::vector<MeshChannel> channels;
  std::vector<MeshRegion> regions;

  /// The repeater at a place; places outside the grid are moved to its border.
  [[nodiscard]] const MeshNode& repeater_near(Cell cell) const noexcept;
  [[nodiscard]] Cell clamp(Cell cell) const noexcept;

 private:
  void make_nodes(const SynthOptions& options);
  void make_observers(const SynthOptions& options);
  void make_channels(const SynthOptions& options);
  void make_regions(const SynthOptions& options);
  [[nodiscard]] Cell random_cell(Rng& rng) const noexcept;
  [[nodiscard]] std::string_view iata_at(Cell cell) const noexcept;

  std::vector<std::uint32_t> repeaters_;  ///< indexes into nodes, row by row
  std::int32_t width_ = 1;
  std::int32_t height_ = 1;
};

/// The part of a config file that lets the receiver open the channels and know the regions.
[[nodiscard]] std::string config_fragment(const NetworkModel& network);

}  // namespace sluice
