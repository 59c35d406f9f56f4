#include "packet/crypto/aes_ecb.h"

#include <cassert>
#include <stdexcept>

#include <openssl/evp.h>

namespace sluice {

void AesEcbDecryptor::FreeContext::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

AesEcbDecryptor::AesEcbDecryptor(std::span<const std::uint8_t, 16> key)
    : context_(EVP_CIPHER_CTX_new()) {
  if (!context_ ||
      EVP_DecryptInit_ex2(context_.get(), EVP_aes_128_ecb(), key.data(), nullptr, nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no AES-128-ECB");
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

void AesEcbDecryptor::decrypt(std::span<const std::uint8_t> cipher, std::span<std::uint8_t> plain) {
  assert(cipher.size() % 16 == 0 && plain.size() >= cipher.size());
  int written = 0;
  if (EVP_DecryptUpdate(context_.get(), plain.data(), &written, cipher.data(),
                        static_cast<int>(cipher.size())) != 1)
    throw std::runtime_error("OpenSSL failed to decrypt");
}

}  // namespace sluice
