#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/crypto/hmac_pads.h"
#include "packet/crypto/key_derivation.h"

namespace sluice {

/// A channel as the configuration names it. The key is a secret: never log it.
struct ChannelSecret {
  std::string name;
  std::string key_hex;
};

/// One usable channel key, prepared.
struct ChannelKey {
  std::string name;
  Key16 aes_key;   ///< the first 16 bytes of the secret
  HmacPads pads;   ///< over the whole secret
  std::size_t id;  ///< place in the ring
};

/// All channel keys, by channel-hash byte: a group packet is tried against those alone whose byte
/// it carries (deviation D12), in the order in which they were configured. Keys have 16 or 32
/// bytes; a secret of 32 bytes whose second half is zero is one of 16 (protocol C1). Others are
/// configured, but never usable.
///
/// Thread: immutable after construction, so any.
class ChannelKeyRing {
 public:
  explicit ChannelKeyRing(const std::vector<ChannelSecret>& channels);

  /// The keys that may open a packet with this channel-hash byte; usually none or one.
  [[nodiscard]] std::span<const ChannelKey> candidates(std::uint8_t hash_byte) const noexcept;
  [[nodiscard]] const ChannelKey& key(std::size_t id) const noexcept { return keys_[id]; }
  /// Usable keys.
  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
  /// No channel was configured at all, not even an unusable one.
  [[nodiscard]] bool nothing_configured() const noexcept { return nothing_configured_; }

 private:
  bool nothing_configured_;
  std::vector<ChannelKey> keys_;              // ascending by hash byte
  std::array<std::size_t, 257> first_key_{};  // of each hash byte; the last is the end
};

/// The name under which a channel's messages are stored: any case of "public" is `Public`.
[[nodiscard]] std::string_view normalised_channel_name(std::string_view name) noexcept;

}  // namespace sluice
