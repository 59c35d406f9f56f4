#pragma once

#include <cstdint>

#include "packet/crypto/sha256.h"
#include "packet/frame.h"

namespace sluice {

/// The identity of a transmission: what all copies of one packet share, whatever route they took
/// (protocol A5). The first 8 bytes of SHA-256 over type byte, payload and, for TRACE alone, the
/// path byte, as a big-endian number: its %016x is the stored text.
///
/// Thread: bound to its user; one per worker.
class ContentHasher {
 public:
  [[nodiscard]] std::uint64_t hash(const Frame& frame);

 private:
  Sha256 sha_;
};

/// Writes 16 lower-case digits, the form the tables hold.
void content_hash_text(std::uint64_t hash, char out[16]) noexcept;

}  // namespace sluice
