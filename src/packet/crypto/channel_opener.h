#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "packet/crypto/aes_ecb.h"
#include "packet/crypto/channel_keys.h"
#include "packet/frame.h"

namespace sluice {

/// Opens what was sealed with a channel key (protocol C2), and keeps one keyed AES context per
/// channel that it has opened anything of.
///
/// Thread: bound to its user; the ring may be shared.
class ChannelOpener {
 public:
  explicit ChannelOpener(std::shared_ptr<const ChannelKeyRing> ring);

  [[nodiscard]] const ChannelKeyRing& ring() const noexcept { return *ring_; }

  /// The plaintext, padded with zeros to a multiple of 16, if `key` made this MAC; valid until the
  /// next call. A foreign key passes once in 65,536 times.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> open(
      const ChannelKey& key, std::span<const std::uint8_t, 2> mac,
      std::span<const std::uint8_t> cipher);

 private:
  std::shared_ptr<const ChannelKeyRing> ring_;
  std::vector<std::unique_ptr<AesEcbDecryptor>> decryptors_;  // by ChannelKey::id, made on demand
  std::array<std::uint8_t, kMaxPayloadBytes> plain_{};
};

}  // namespace sluice
