#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "frame_bytes.h"

struct evp_cipher_ctx_st;

namespace sluice {

using PublicKey = std::array<std::uint8_t, 32>;
using MeshSecret = std::array<std::uint8_t, 16>;

/// An Ed25519 identity made from 32 bytes.
///
/// Thread: immutable.
class Identity {
 public:
  explicit Identity(std::span<const std::uint8_t, 32> seed);
  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
  /// Appends the 64-byte signature of `message`.
  void sign(std::span<const std::uint8_t> message, FrameBytes& out) const;

 private:
  PublicKey public_key_;
  std::array<std::uint8_t, 64> secret_key_;
};

/// A group channel's key, ready for use (protocol C1, C2).
///
/// Thread: bound(its user).
class ChannelSeal {
 public:
  explicit ChannelSeal(const MeshSecret& secret);
  /// The byte that channels are told apart by.
  [[nodiscard]] std::uint8_t hash_byte() const noexcept { return hash_byte_; }
  /// Appends MAC and ciphertext of `plain`, which is padded with zeros to whole blocks.
  void seal(std::span<const std::uint8_t> plain, FrameBytes& out) const;

 private:
  struct FreeCipher {
    void operator()(evp_cipher_ctx_st* cipher) const noexcept;
  };

  MeshSecret secret_;
  std::uint8_t hash_byte_;
  std::unique_ptr<evp_cipher_ctx_st, FreeCipher> cipher_;
};

/// The key of a public channel or region: the first half of the SHA-256 of its name with `#`.
[[nodiscard]] MeshSecret secret_of_name(std::string_view name_with_hash);

/// The two bytes of transport code 1 as they go over the air (protocol C5).
[[nodiscard]] std::array<std::uint8_t, 2> scope_code(const MeshSecret& region_key,
                                                     std::uint8_t payload_type,
                                                     std::span<const std::uint8_t> payload);

/// The packet's hash (protocol A5); the path byte counts for TRACE only.
[[nodiscard]] std::array<std::uint8_t, 8> packet_hash(std::uint8_t payload_type,
                                                      std::uint8_t path_byte,
                                                      std::span<const std::uint8_t> payload);

}  // namespace sluice
