#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "packet/payload_decoder.h"

namespace sluice {

/// The window of transmissions that dedup remembers: content hash → slot, of fixed size. A new
/// transmission takes the place of the oldest one, so memory is bounded whatever the network sends;
/// a copy that comes after its transmission was forgotten merely costs another decode and a look
/// into the database.
///
/// Hashes are cut from SHA-256, but a sender can grind for some of their bits, so the probe
/// sequence is salted.
///
/// Thread: bound(dedup).
class KnownTransmissions {
 public:
  struct Found {
    std::uint32_t slot;
    bool fresh;  ///< not known until now; facts of the slot are empty
  };

  /// `capacity` slots, 1 to 2^30. Memory: about 40 bytes per slot, plus the facts that are put
  /// there.
  KnownTransmissions(std::size_t capacity, std::uint64_t salt);

  /// The slot of this transmission, taken over from the oldest one if it is new.
  [[nodiscard]] Found find_or_add(std::uint64_t content_hash);

  [[nodiscard]] std::shared_ptr<const TransmissionFacts>& facts(std::uint32_t slot) {
    return slots_[slot].facts;
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  struct Slot {
    std::uint64_t content_hash = 0;
    std::shared_ptr<const TransmissionFacts> facts;
  };
  static constexpr std::uint32_t kEmpty = UINT32_MAX;

  [[nodiscard]] std::size_t home(std::uint64_t content_hash) const noexcept;
  void forget(std::uint64_t content_hash) noexcept;

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::uint32_t next_slot_ = 0;       // goes round; where it points is the oldest
  std::vector<std::uint32_t> index_;  // open addressing, linear probing, at most half full
  std::size_t mask_;
  std::uint64_t salt_;
};

}  // namespace sluice
