// OpenSSL 3 calls the functions that expose SHA-256's state deprecated, in favour of contexts which
// can only be copied by allocating. The state is what makes a pad reusable and shareable.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "packet/crypto/hmac_pads.h"

#include <algorithm>
#include <cassert>

#include <openssl/sha.h>

namespace sluice {
namespace {

constexpr std::size_t kBlockBytes = SHA256_CBLOCK;

using Block = std::array<std::uint8_t, kBlockBytes>;
using State = std::array<std::uint32_t, 8>;

State digest_pad(std::span<const std::uint8_t> key, std::uint8_t filler) noexcept {
  Block pad;
  pad.fill(filler);
  for (std::size_t i = 0; i < key.size(); ++i) pad[i] ^= key[i];
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, pad.data(), pad.size());
  State state;
  std::copy(std::begin(context.h), std::end(context.h), state.begin());
  return state;
}

SHA256_CTX resume(const State& state) noexcept {
  SHA256_CTX context{};
  std::copy(state.begin(), state.end(), std::begin(context.h));
  context.Nl = kBlockBytes * 8;
  context.md_len = SHA256_DIGEST_LENGTH;
  return context;
}

}  // namespace

HmacPads::HmacPads(std::span<const std::uint8_t> key) noexcept
    : inner_(digest_pad(key.first(std::min(key.size(), kBlockBytes)), 0x36)),
      outer_(digest_pad(key.first(std::min(key.size(), kBlockBytes)), 0x5C)) {
  assert(key.size() <= kBlockBytes);
}

HmacPads::Digest HmacPads::digest(std::span<const std::uint8_t> first,
                                  std::span<const std::uint8_t> second) const noexcept {
  Digest digest;
  SHA256_CTX context = resume(inner_);
  SHA256_Update(&context, first.data(), first.size());
  SHA256_Update(&context, second.data(), second.size());
  SHA256_Final(digest.data(), &context);
  context = resume(outer_);
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

}  // namespace sluice
