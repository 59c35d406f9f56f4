#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace sluice {

/// AES-128-ECB decryption with one key, scheduled once: keeping the context is ten times as fast as
/// keying one per message.
///
/// Thread: bound to its user.
class AesEcbDecryptor {
 public:
  /// Throws std::runtime_error when OpenSSL has no AES-128-ECB.
  explicit AesEcbDecryptor(std::span<const std::uint8_t, 16> key);

  /// `cipher` is a multiple of 16 bytes, `plain` as long. No padding is removed.
  void decrypt(std::span<const std::uint8_t> cipher, std::span<std::uint8_t> plain);

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
};

}  // namespace sluice
