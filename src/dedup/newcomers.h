#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/token_bucket.h"
#include "dedup/known_keys.h"
#include "metrics/counter.h"

namespace sluice {

/// Lets in so many keys an hour that were never seen before, source by source; those that are known
/// always pass. Of the known ones a bounded number is remembered, and one that was forgotten counts
/// as new: it costs a part of the allowance, and nothing while there is some left.
///
/// Thread: bound(dedup).
class Newcomers {
 public:
  /// Keys remembered for sure. With 32 bytes of text each, a table of so many has 20 MB and more.
  static constexpr std::size_t kRemembered = 262'144;

  /// `hourly` 0 lets everyone in; `entered` counts who was new.
  Newcomers(std::int64_t hourly, std::size_t sources, Counter& entered,
            std::size_t remembered = kRemembered);

  /// Before the pipeline starts: the database knows it.
  void learn(std::uint64_t key) { known_.add(key); }

  [[nodiscard]] bool may_enter(std::size_t source, std::uint64_t key, WallTime at);
  /// It makes a row. Call after may_enter().
  void enter(std::size_t source, std::uint64_t key, WallTime at);

  [[nodiscard]] std::size_t remembered() const noexcept { return known_.size(); }

 private:
  [[nodiscard]] TokenBucket& allowance_of(std::size_t source, WallTime at);

  RateLimit limit_;
  std::size_t sources_;
  std::vector<TokenBucket> allowances_;  // by source; empty before the first newcomer
  KnownKeys known_;
  Counter& entered_;
};

}  // namespace sluice
