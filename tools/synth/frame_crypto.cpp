#include "frame_crypto.h"

#include <algorithm>
#include <new>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "packet/frame.h"

namespace sluice {
namespace {

constexpr auto kTrace = static_cast<std::uint8_t>(PayloadType::kTrace);
constexpr std::size_t kBlock = 16;

using Digest = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

Digest sha256(std::span<const std::uint8_t> bytes) {
  Digest digest;
  SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

Digest hmac_sha256(const MeshSecret& key, std::span<const std::uint8_t> bytes) {
  Digest digest;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
       digest.data(), nullptr);
  return digest;
}

}  // namespace

Identity::Identity(std::span<const std::uint8_t, 32> seed) {
  static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_PUBLICKEYBYTES == 32);
  crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
}

void Identity::sign(std::span<const std::uint8_t> message, FrameBytes& out) const {
  crypto_sign_detached(out.grow(crypto_sign_BYTES).data(), nullptr, message.data(), message.size(),
                       secret_key_.data());
}

ChannelSeal::ChannelSeal(const MeshSecret& secret)
    : secret_(secret), hash_byte_(sha256(secret)[0]), cipher_(EVP_CIPHER_CTX_new()) {
  if (!cipher_) throw std::bad_alloc();
  if (EVP_EncryptInit_ex(cipher_.get(), EVP_aes_128_ecb(), nullptr, secret_.data(), nullptr) != 1) {
    throw std::runtime_error("libcrypto offers no AES-128-ECB");
  }
  EVP_CIPHER_CTX_set_padding(cipher_.get(), 0);
}

void ChannelSeal::FreeCipher::operator()(evp_cipher_ctx_st* cipher) const noexcept {
  EVP_CIPHER_CTX_free(cipher);
}

void ChannelSeal::seal(std::span<const std::uint8_t> plain, FrameBytes& out) const {
  FrameBytes padded;
  padded.append(plain);
  while (padded.size() % kBlock != 0) padded.u8(0);
  const std::span<std::uint8_t> mac = out.grow(2);
  const std::span<std::uint8_t> cipher_text = out.grow(padded.size());
  int written = 0;
  EVP_EncryptUpdate(cipher_.get(), cipher_text.data(), &written, padded.view().data(),
                    static_cast<int>(padded.size()));
  std::copy_n(hmac_sha256(secret_, cipher_text).begin(), 2, mac.begin());
}

MeshSecret secret_of_name(std::string_view name_with_hash) {
  FrameBytes bytes;
  bytes.append(name_with_hash);
  const Digest digest = sha256(bytes.view());
  MeshSecret secret;
  std::copy_n(digest.begin(), secret.size(), secret.begin());
  return secret;
}

std::array<std::uint8_t, 2> scope_code(const MeshSecret& region_key, std::uint8_t payload_type,
                                       std::span<const std::uint8_t> payload) {
  FrameBytes bytes;
  bytes.u8(payload_type);
  bytes.append(payload);
  const Digest mac = hmac_sha256(region_key, bytes.view());
  // 0000 means "no scope" and FFFF is reserved: their neighbours stand in for them.
  if (mac[0] == 0 && mac[1] == 0) return {1, 0};
  if (mac[0] == 0xFF && mac[1] == 0xFF) return {0xFE, 0xFF};
  return {mac[0], mac[1]};
}

std::array<std::uint8_t, 8> packet_hash(std::uint8_t payload_type, std::uint8_t path_byte,
                                        std::span<const std::uint8_t> payload) {
  FrameBytes bytes;
  bytes.u8(payload_type);
  if (payload_type == kTrace) bytes.u16(path_byte);
  bytes.append(payload);
  const Digest digest = sha256(bytes.view());
  std::array<std::uint8_t, 8> hash;
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace sluice
