#include "dedup/sender_allowances.h"

namespace sluice {

SenderAllowances::SenderAllowances(const RateLimit& limit) : limit_(limit) {
  if (!limit.off()) places_.assign(kCapacity, {.allowance = TokenBucket(limit, WallTime{})});
}

bool SenderAllowances::take(std::uint64_t key, WallTime at) {
  if (limit_.off()) return true;
  key |= 1U;
  // The low bit says that somebody is here, so the set is chosen by higher ones.
  Place* const set = &places_[(key >> 8U) % (kCapacity / kWays) * kWays];
  Place* spare = set;
  std::int64_t spare_credit = -1;
  for (Place* place = set; place != set + kWays; ++place) {
    if (place->key == key) return place->allowance.take(limit_, at);
    const std::int64_t credit = place->key == 0 ? INT64_MAX : place->allowance.credit(limit_, at);
    if (credit > spare_credit) {
      spare = place;
      spare_credit = credit;
    }
  }
  *spare = {.key = key, .allowance = TokenBucket(limit_, at)};
  return spare->allowance.take(limit_, at);
}

}  // namespace sluice
