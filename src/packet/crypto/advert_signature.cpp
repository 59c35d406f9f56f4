#include "packet/crypto/advert_signature.h"

#include <algorithm>
#include <array>

#include <sodium.h>

namespace sluice {

bool is_advert_signature_valid(std::span<const std::uint8_t, 32> public_key,
                               std::span<const std::uint8_t, 4> timestamp,
                               std::span<const std::uint8_t, 64> signature,
                               std::span<const std::uint8_t> app_data) noexcept {
  std::array<std::uint8_t, 32 + 4 + kSignedAppDataBytes> message;
  auto end = std::copy(public_key.begin(), public_key.end(), message.begin());
  end = std::copy(timestamp.begin(), timestamp.end(), end);
  const auto covered = app_data.first(std::min(app_data.size(), kSignedAppDataBytes));
  end = std::copy(covered.begin(), covered.end(), end);
  const auto size = static_cast<unsigned long long>(end - message.begin());
  return crypto_sign_verify_detached(signature.data(), message.data(), size, public_key.data()) ==
         0;
}

}  // namespace sluice
