#include "packet/crypto/sha256.h"

#include <stdexcept>

#include <openssl/evp.h>

namespace sluice {

void Sha256::FreeAlgorithm::operator()(evp_md_st* algorithm) const noexcept {
  EVP_MD_free(algorithm);
}

void Sha256::FreeContext::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  if (!algorithm_ || !context_ ||
      EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no SHA-256");
}

Sha256::Digest Sha256::digest(std::span<const std::uint8_t> first,
                              std::span<const std::uint8_t> second) {
  Digest digest;
  // A null algorithm means: the one already set, which spares the look-up.
  if (EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) != 1 ||
      EVP_DigestUpdate(context_.get(), first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(context_.get(), second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
    throw std::runtime_error("OpenSSL failed to compute SHA-256");
  return digest;
}

}  // namespace sluice
