#include "unit/packet/packet_builder.h"

#include <algorithm>
#include <stdexcept>

#include <openssl/evp.h>
#include <sodium.h>

#include "packet/crypto/advert_signature.h"
#include "packet/crypto/hmac_pads.h"
#include "packet/crypto/sha256.h"
#include "unit/packet/golden_file.h"

namespace sluice::test {
namespace {

Bytes sign_advert(std::uint8_t seed_byte, std::uint32_t timestamp, const Bytes& app_data,
                  std::size_t covered) {
  const Bytes seed(crypto_sign_SEEDBYTES, seed_byte);
  Bytes public_key(crypto_sign_PUBLICKEYBYTES);
  Bytes secret_key(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  const Bytes head = public_key + little_endian_32(timestamp);
  const Bytes message =
      head + Bytes(app_data.begin(), app_data.begin() + static_cast<std::ptrdiff_t>(covered));
  Bytes signature(crypto_sign_BYTES);
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                       secret_key.data());
  return head + signature + app_data;
}

Bytes encrypt(std::span<const std::uint8_t> key, const Bytes& plain) {
  Bytes cipher(plain.size());
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex2(context, EVP_aes_128_ecb(), key.data(), nullptr, nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  int written = 0;
  const int ok = EVP_EncryptUpdate(context, cipher.data(), &written, plain.data(),
                                   static_cast<int>(plain.size()));
  EVP_CIPHER_CTX_free(context);
  if (ok != 1) throw std::runtime_error("cannot encrypt");
  return cipher;
}

}  // namespace

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes little_endian_32(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8U),
          static_cast<std::uint8_t>(value >> 16U), static_cast<std::uint8_t>(value >> 24U)};
}

Bytes flood(PayloadType type, const Bytes& payload) {
  const auto header = static_cast<std::uint8_t>((static_cast<unsigned>(type) << 2U) | 1U);
  return Bytes{header, 0} + payload;
}

Bytes signed_advert(std::uint8_t seed, std::uint32_t timestamp, const Bytes& app_data) {
  return sign_advert(seed, timestamp, app_data, std::min(app_data.size(), kSignedAppDataBytes));
}

Bytes advert_signed_throughout(std::uint8_t seed, std::uint32_t timestamp, const Bytes& app_data) {
  return sign_advert(seed, timestamp, app_data, app_data.size());
}

Bytes seal_for_channel(std::string_view key_hex, Bytes plain) {
  const Bytes key = unhex(key_hex);
  plain.resize((plain.size() + 15) / 16 * 16);
  const Bytes cipher = encrypt(key, plain);
  const auto mac = HmacPads(key).digest(cipher);
  return Bytes{Sha256().digest(key)[0], mac[0], mac[1]} + cipher;
}

Bytes group_text_body(std::uint32_t timestamp, std::string_view text) {
  return little_endian_32(timestamp) + Bytes{0} + bytes_of(text);
}

}  // namespace sluice::test
