#pragma once

#include <cstdint>
#include <span>

namespace sluice {

/// App data beyond this is not signed: the firmware cuts it off first (protocol C6, deviation F7).
inline constexpr std::size_t kSignedAppDataBytes = 32;

/// Whether an advert was signed by the key it names: Ed25519 over key, timestamp as on air, and at
/// most the first 32 bytes of app data. Keys of small order, which would vouch for anything, are
/// refused. Costs 42 µs: once per transmission, never per copy.
[[nodiscard]] bool is_advert_signature_valid(std::span<const std::uint8_t, 32> public_key,
                                             std::span<const std::uint8_t, 4> timestamp,
                                             std::span<const std::uint8_t, 64> signature,
                                             std::span<const std::uint8_t> app_data) noexcept;

}  // namespace sluice
