#pragma once

#include <cstdint>
#include <string>

#include "model/batch.h"
#include "packet/crypto/sha256.h"

namespace sluice {

/// Names the transmission of a companion's text, which has no bytes on air to be named by: its
/// words and the second it came in (contract 3.7). So a text that comes twice within a second is
/// one.
///
/// Thread: bound to its user; one per worker.
class CompanionHasher {
 public:
  [[nodiscard]] std::uint64_t hash(const CompanionMessage& message, WallTime received);

 private:
  Sha256 sha_;
  std::string words_;
};

/// The copy of a transmission that stands for the message: without a frame, but with the facts that
/// others get from theirs.
[[nodiscard]] Packet make_companion_packet(const CompanionMessage& message, WallTime received,
                                           CompanionHasher& hasher);

}  // namespace sluice
