#include "packet/content_hash.h"

#include <array>

#include "base/hex.h"

namespace sluice {

std::uint64_t ContentHasher::hash(const Frame& frame) {
  // TRACE's path length grows at every hop, and the firmware holds it in 16 bits.
  const std::array<std::uint8_t, 3> prefix = {static_cast<std::uint8_t>(frame.type),
                                              frame.path_byte, 0};
  const std::size_t used = frame.type == PayloadType::kTrace ? 3 : 1;
  const Sha256::Digest digest = sha_.digest(std::span(prefix).first(used), frame.payload);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = (value << 8U) | digest[i];
  return value;
}

void content_hash_text(std::uint64_t hash, char out[16]) noexcept {
  for (int i = 15; i >= 0; --i) {
    out[i] = kLowerHexDigits[hash & 0x0FU];
    hash >>= 4U;
  }
}

}  // namespace sluice
