#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace sluice {

/// A channel and where its key comes from. A derived key is the first 16 bytes of SHA-256(name),
/// which is computed by whoever builds the key ring.
struct ChannelKeyEntry {
  std::string name;
  /// As written; only exactly 16 or 32 bytes of hex make a key, anything else is never usable.
  /// Empty if the key is derived.
  std::string key_hex;
  bool derive_from_name = false;

  bool operator==(const ChannelKeyEntry&) const = default;
};

/// Merges the four layers of contract 1.4: built-in, rainbow file, hash channels, explicit keys.
/// Reads the rainbow file; a file that does not exist is silent, one that can't be used adds a line
/// to `notes` and is skipped whole. Every name is there once, at the place where a layer first
/// named it, so that the order in which keys are tried is always the same (deviation D12).
[[nodiscard]] std::vector<ChannelKeyEntry> resolve_channel_keys(const ChannelConfig& channels,
                                                                std::vector<std::string>& notes);

}  // namespace sluice
