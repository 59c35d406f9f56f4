#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sluice {

/// HMAC-SHA256 with one key, whose two pad blocks have been digested in advance: what is left per
/// message is the message itself and one block more. A twelfth of the library call, which matters
/// because every group packet and every scoped packet is tried against all keys that may fit.
///
/// Thread: immutable after construction, so any.
class HmacPads {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  /// Keys of up to 64 bytes. Shorter ones count as padded with zeros.
  explicit HmacPads(std::span<const std::uint8_t> key) noexcept;

  [[nodiscard]] Digest digest(std::span<const std::uint8_t> message) const noexcept {
    return digest(message, {});
  }
  /// Over the two parts in a row.
  [[nodiscard]] Digest digest(std::span<const std::uint8_t> first,
                              std::span<const std::uint8_t> second) const noexcept;

 private:
  using State = std::array<std::uint32_t, 8>;  // of SHA-256 after exactly one block

  State inner_;
  State outer_;
};

}  // namespace sluice
