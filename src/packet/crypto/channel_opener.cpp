#include "packet/crypto/channel_opener.h"

#include <utility>

namespace sluice {

ChannelOpener::ChannelOpener(std::shared_ptr<const ChannelKeyRing> ring)
    : ring_(std::move(ring)), decryptors_(ring_->size()) {}

std::optional<std::span<const std::uint8_t>> ChannelOpener::open(
    const ChannelKey& key, std::span<const std::uint8_t, 2> mac,
    std::span<const std::uint8_t> cipher) {
  constexpr std::size_t kBlock = 16;
  if (cipher.empty() || cipher.size() % kBlock != 0 || cipher.size() > plain_.size())
    return std::nullopt;
  const HmacPads::Digest digest = key.pads.digest(cipher);
  if (digest[0] != mac[0] || digest[1] != mac[1]) return std::nullopt;
  auto& decryptor = decryptors_[key.id];
  if (!decryptor) decryptor = std::make_unique<AesEcbDecryptor>(key.aes_key);
  decryptor->decrypt(cipher, plain_);
  return std::span(plain_).first(cipher.size());
}

}  // namespace sluice
