#include "dedup/newcomers.h"

namespace sluice {

Newcomers::Newcomers(std::int64_t hourly, std::size_t sources, Counter& entered,
                     std::size_t remembered)
    : limit_{hourly, std::chrono::hours(1)},
      sources_(sources),
      known_(remembered),
      entered_(entered) {}

TokenBucket& Newcomers::allowance_of(std::size_t source, WallTime at) {
  if (allowances_.empty()) allowances_.assign(sources_, TokenBucket(limit_, at));
  return allowances_[source];
}

bool Newcomers::may_enter(std::size_t source, std::uint64_t key, WallTime at) {
  if (known_.sees(key) || limit_.off()) return true;
  TokenBucket& allowance = allowance_of(source, at);
  // A take that fails takes nothing, and brings the bucket to `at`: when the clock has stepped back
  // it must not wait until the old time has come again.
  return allowance.has(limit_, at) || allowance.take(limit_, at);
}

void Newcomers::enter(std::size_t source, std::uint64_t key, WallTime at) {
  if (known_.sees(key)) return;
  if (!limit_.off()) static_cast<void>(allowance_of(source, at).take(limit_, at));
  known_.add(key);
  entered_.add();
}

}  // namespace sluice
