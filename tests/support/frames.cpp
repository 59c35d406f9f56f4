#include "support/frames.h"

#include <array>
#include <stdexcept>

#include <sodium.h>

#include "base/hex.h"

namespace sluice::test {
namespace {

constexpr std::uint8_t kFlood = 1;
constexpr std::uint8_t kAdvert = 4;
constexpr std::uint8_t kTextMessage = 2;
constexpr std::uint8_t kHasName = 0x80;
constexpr std::uint8_t kHasLocation = 0x10;

struct KeyPair {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
};

KeyPair keys_of(std::uint8_t seed_byte) {
  std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed{};
  seed.fill(seed_byte);
  KeyPair keys;
  if (crypto_sign_seed_keypair(keys.open.data(), keys.secret.data(), seed.data()) != 0) {
    throw std::runtime_error("crypto_sign_seed_keypair");
  }
  return keys;
}

void put_32(Bytes& bytes, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

template <typename Range>
void append(Bytes& bytes, const Range& more) {
  for (const auto byte : more) bytes.push_back(static_cast<std::uint8_t>(byte));
}

}  // namespace

std::string flood_hex(std::uint8_t payload_type, const Bytes& path, const Bytes& payload) {
  Bytes frame{static_cast<std::uint8_t>((payload_type << 2U) | kFlood),
              static_cast<std::uint8_t>(path.size())};
  append(frame, path);
  append(frame, payload);
  return to_upper_hex(frame);
}

std::string text_hex(std::uint32_t n, const Bytes& path) {
  Bytes payload{0xA1, 0xB2, 0x0C, 0x0D};  // destination, source, MAC
  for (std::uint32_t i = 0; i < 4; ++i) put_32(payload, n * 2654435761U + i);
  return flood_hex(kTextMessage, path, payload);
}

std::string advert_hex(const AdvertSpec& spec) {
  const KeyPair keys = keys_of(spec.seed);
  Bytes app_data{static_cast<std::uint8_t>(kHasName | spec.kind)};
  if (spec.located) {
    app_data[0] = static_cast<std::uint8_t>(app_data[0] | kHasLocation);
    put_32(app_data, static_cast<std::uint32_t>(spec.lat_e6));
    put_32(app_data, static_cast<std::uint32_t>(spec.lon_e6));
  }
  append(app_data, spec.name);

  Bytes head;
  append(head, keys.open);
  put_32(head, spec.time);
  Bytes message = head;
  append(message, app_data);
  std::array<std::uint8_t, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                       keys.secret.data());
  if (!spec.well_signed) signature[0] = static_cast<std::uint8_t>(signature[0] ^ 1U);

  Bytes payload = head;
  append(payload, signature);
  append(payload, app_data);
  return flood_hex(kAdvert, spec.path, payload);
}

std::string advert_public_key(std::uint8_t seed) { return to_lower_hex(keys_of(seed).open); }

}  // namespace sluice::test
