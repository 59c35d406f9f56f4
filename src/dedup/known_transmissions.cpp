#include "dedup/known_transmissions.h"

#include <bit>
#include <cassert>

namespace sluice {

KnownTransmissions::KnownTransmissions(std::size_t capacity, std::uint64_t salt)
    : slots_(capacity),
      index_(std::bit_ceil(capacity * 2), kEmpty),
      mask_(index_.size() - 1),
      salt_(salt) {
  assert(capacity > 0 && capacity <= (std::size_t{1} << 30U));
}

std::size_t KnownTransmissions::home(std::uint64_t content_hash) const noexcept {
  // One round of splitmix64's finaliser over the salted hash.
  std::uint64_t x = content_hash ^ salt_;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<std::size_t>(x ^ (x >> 31U)) & mask_;
}

KnownTransmissions::Found KnownTransmissions::find_or_add(std::uint64_t content_hash) {
  for (std::size_t at = home(content_hash); index_[at] != kEmpty; at = (at + 1) & mask_) {
    if (slots_[index_[at]].content_hash == content_hash) return {index_[at], false};
  }
  const std::uint32_t slot = next_slot_;
  next_slot_ = static_cast<std::uint32_t>((next_slot_ + std::size_t{1}) % slots_.size());
  if (used_ == slots_.size()) {
    forget(slots_[slot].content_hash);
  } else {
    ++used_;
  }
  slots_[slot] = {.content_hash = content_hash, .facts = nullptr};
  std::size_t at = home(content_hash);  // after forget(), which moves entries
  while (index_[at] != kEmpty) at = (at + 1) & mask_;
  index_[at] = slot;
  return {slot, true};
}

void KnownTransmissions::forget(std::uint64_t content_hash) noexcept {
  std::size_t hole = home(content_hash);
  while (slots_[index_[hole]].content_hash != content_hash) hole = (hole + 1) & mask_;
  // Backward shift: every later entry of the run that may stand here moves up, so no tombstones are
  // left behind.
  for (std::size_t at = (hole + 1) & mask_; index_[at] != kEmpty; at = (at + 1) & mask_) {
    const std::size_t wanted = home(slots_[index_[at]].content_hash);
    if (((at - wanted) & mask_) >= ((at - hole) & mask_)) {
      index_[hole] = index_[at];
      hole = at;
    }
  }
  index_[hole] = kEmpty;
}

}  // namespace sluice
