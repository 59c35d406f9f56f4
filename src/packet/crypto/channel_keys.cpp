#include "packet/crypto/channel_keys.h"

#include <algorithm>

#include "base/hex.h"
#include "packet/crypto/sha256.h"

namespace sluice {
namespace {

constexpr std::size_t kShortKey = 16;
constexpr std::size_t kLongKey = 32;

struct Secret {
  std::array<std::uint8_t, kLongKey> bytes{};
  std::size_t size = 0;

  [[nodiscard]] std::span<const std::uint8_t> view() const noexcept {
    return std::span(bytes).first(size);
  }
};

std::optional<Secret> read_secret(std::string_view hex) noexcept {
  Secret secret;
  if (hex.size() != 2 * kShortKey && hex.size() != 2 * kLongKey) return std::nullopt;
  if (!decode_hex(hex, secret.bytes)) return std::nullopt;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  const bool short_key = std::all_of(secret.bytes.begin() + kShortKey, secret.bytes.end(), is_zero);
  secret.size = short_key ? kShortKey : kLongKey;
  return secret;
}

}  // namespace

ChannelKeyRing::ChannelKeyRing(const std::vector<ChannelSecret>& channels)
    : nothing_configured_(channels.empty()) {
  Sha256 sha;
  std::array<std::vector<ChannelKey>, 256> by_hash_byte;
  for (const ChannelSecret& channel : channels) {
    const auto secret = read_secret(channel.key_hex);
    if (!secret) continue;
    Key16 aes_key;
    std::copy_n(secret->bytes.begin(), aes_key.size(), aes_key.begin());
    const std::uint8_t hash_byte = sha.digest(secret->view())[0];
    by_hash_byte[hash_byte].push_back({channel.name, aes_key, HmacPads(secret->view()), 0});
  }
  for (std::size_t byte = 0; byte < by_hash_byte.size(); ++byte) {
    first_key_[byte] = keys_.size();
    for (ChannelKey& key : by_hash_byte[byte]) {
      key.id = keys_.size();
      keys_.push_back(std::move(key));
    }
  }
  first_key_.back() = keys_.size();
}

std::span<const ChannelKey> ChannelKeyRing::candidates(std::uint8_t hash_byte) const noexcept {
  const std::size_t first = first_key_[hash_byte];
  return std::span(keys_).subspan(first, first_key_[hash_byte + std::size_t{1}] - first);
}

std::string_view normalised_channel_name(std::string_view name) noexcept {
  constexpr std::string_view kPublic = "Public";
  const auto same_letter = [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b);
  };
  constexpr std::string_view kLower = "public";
  const bool is_public =
      std::equal(name.begin(), name.end(), kLower.begin(), kLower.end(), same_letter);
  return is_public ? kPublic : name;
}

}  // namespace sluice
