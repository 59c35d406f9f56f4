#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/token_bucket.h"

namespace sluice {

/// An allowance for each sender, in bounded memory. Senders fall into sets by their salted key; in
/// a full set the one whose allowance is nearest to full is forgotten, since that loses least: most
/// often nothing, for a full allowance is what a newcomer gets. So a sender is never refused for
/// what others do, and one who floods is never forgotten for the sake of one who does not.
///
/// Thread: bound(dedup).
class SenderAllowances {
 public:
  /// Senders that can be told apart: as many as talk within the limit's period should fit.
  static constexpr std::size_t kCapacity = 8192;

  explicit SenderAllowances(const RateLimit& limit);

  /// Takes one event's worth from this sender's allowance; false when it has none left.
  [[nodiscard]] bool take(std::uint64_t key, WallTime at);

 private:
  static constexpr std::size_t kWays = 8;

  struct Place {
    std::uint64_t key = 0;  // 0: nobody
    TokenBucket allowance;
  };

  RateLimit limit_;
  std::vector<Place> places_;  // empty while there is no limit
};

}  // namespace sluice
