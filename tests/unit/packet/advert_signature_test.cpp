// Signatures made by hand, from the equation S*B = R + k*A that every verifier checks, to see which
// of its solutions ours refuses all the same.

#include "packet/crypto/advert_signature.h"

#include <algorithm>
#include <array>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sodium.h>

namespace sluice {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;
using Bytes64 = std::array<std::uint8_t, 64>;

constexpr Bytes32 kIdentity = {1};

/// The point of order 2: x = 0, y = -1.
Bytes32 order_two() {
  Bytes32 point;
  point.fill(0xFF);
  point[0] = 0xEC;
  point[31] = 0x7F;
  return point;
}

Bytes32 plus(const Bytes32& a, const Bytes32& b) {
  Bytes32 sum;
  EXPECT_EQ(crypto_core_ed25519_add(sum.data(), a.data(), b.data()), 0);
  return sum;
}

/// An advert without application data.
struct Signed {
  Bytes32 key;
  std::array<std::uint8_t, 4> timestamp;
  Bytes64 signature;

  [[nodiscard]] std::array<std::uint8_t, 36> message() const {
    std::array<std::uint8_t, 36> text;
    std::copy(key.begin(), key.end(), text.begin());
    std::copy(timestamp.begin(), timestamp.end(), text.begin() + 32);
    return text;
  }
  [[nodiscard]] bool taken_by_us() const {
    return is_advert_signature_valid(key, timestamp, signature, {});
  }
  /// Which checks the equation and nothing more, as Go's library does.
  [[nodiscard]] bool taken_by_openssl() const {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
        EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EXPECT_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()), 1);
    const auto text = message();
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), text.data(),
                            text.size()) == 1;
  }
};

/// Whoever knows the secret half of a key can sign with R = r*B for any r, and add points of small
/// order to R and to the key.
class Signer {
 public:
  Signer() {
    const Bytes32 seed = {7};
    std::array<std::uint8_t, 64> secret_key;
    crypto_sign_seed_keypair(key_.data(), secret_key.data(), seed.data());
    Bytes64 digest;
    crypto_hash_sha512(digest.data(), seed.data(), seed.size());
    std::copy_n(digest.begin(), secret_.size(), secret_.begin());
    secret_[0] &= 248;
    secret_[31] = static_cast<std::uint8_t>((secret_[31] & 63) | 64);
  }

  [[nodiscard]] const Bytes32& key() const { return key_; }

  /// S = r + k*a, for the R and the key that are given.
  [[nodiscard]] Signed sign(const Bytes32& r, const Bytes32& big_r, const Bytes32& key,
                            std::uint8_t time) const {
    Signed advert{.key = key, .timestamp = {time, 0, 0, 0}, .signature = {}};
    const auto text = advert.message();
    Bytes64 digest;
    crypto_hash_sha512_state hash;
    crypto_hash_sha512_init(&hash);
    crypto_hash_sha512_update(&hash, big_r.data(), big_r.size());
    crypto_hash_sha512_update(&hash, key.data(), key.size());
    crypto_hash_sha512_update(&hash, text.data(), text.size());
    crypto_hash_sha512_final(&hash, digest.data());
    Bytes32 k;
    Bytes32 s;
    crypto_core_ed25519_scalar_reduce(k.data(), digest.data());
    crypto_core_ed25519_scalar_mul(s.data(), k.data(), secret_.data());
    crypto_core_ed25519_scalar_add(s.data(), s.data(), r.data());
    std::copy(big_r.begin(), big_r.end(), advert.signature.begin());
    std::copy(s.begin(), s.end(), advert.signature.begin() + 32);
    return advert;
  }

 private:
  Bytes32 key_;
  Bytes32 secret_;
};

constexpr Bytes32 kZero = {};
constexpr Bytes32 kFive = {5};

Bytes32 five_times_base() {
  Bytes32 point;
  EXPECT_EQ(crypto_scalarmult_ed25519_base_noclamp(point.data(), kFive.data()), 0);
  return point;
}

TEST(AdvertSignature, TakesAnyOrdinarySolution) {
  const Signer signer;
  const Signed advert = signer.sign(kFive, five_times_base(), signer.key(), 1);
  EXPECT_TRUE(advert.taken_by_openssl());
  EXPECT_TRUE(advert.taken_by_us());
}

TEST(AdvertSignature, RefusesAFirstHalfOfSmallOrder) {
  const Signer signer;
  const Signed identity = signer.sign(kZero, kIdentity, signer.key(), 1);
  EXPECT_TRUE(identity.taken_by_openssl());
  EXPECT_FALSE(identity.taken_by_us());

  // Under a key of mixed order k*A brings the order-2 point along if k is odd: every other time.
  const Bytes32 mixed = plus(signer.key(), order_two());
  int solutions = 0;
  for (std::uint8_t time = 0; time < 40; ++time) {
    const Signed advert = signer.sign(kZero, order_two(), mixed, time);
    solutions += advert.taken_by_openssl() ? 1 : 0;
    EXPECT_FALSE(advert.taken_by_us());
  }
  EXPECT_GT(solutions, 0);
}

TEST(AdvertSignature, TakesAKeyOfMixedOrder) {
  const Signer signer;
  const Bytes32 mixed = plus(signer.key(), order_two());
  int solutions = 0;
  for (std::uint8_t time = 0; time < 40; ++time) {
    const Signed advert = signer.sign(kFive, five_times_base(), mixed, time);
    solutions += advert.taken_by_openssl() ? 1 : 0;
    EXPECT_EQ(advert.taken_by_us(), advert.taken_by_openssl());
  }
  EXPECT_GT(solutions, 0);
}

TEST(AdvertSignature, RefusesAKeyOfSmallOrder) {
  const Signer signer;
  const Signed advert = signer.sign(kFive, five_times_base(), kIdentity, 1);
  EXPECT_FALSE(advert.taken_by_us());
  // With the identity for a key, S = r is a signature of everything.
  Signed everything = advert;
  std::copy(kFive.begin(), kFive.end(), everything.signature.begin() + 32);
  EXPECT_TRUE(everything.taken_by_openssl());
  EXPECT_FALSE(everything.taken_by_us());
}

}  // namespace
}  // namespace sluice
