#include "dedup/top_talkers.h"

#include <algorithm>
#include <vector>

namespace sluice {

void TopTalkers::note(std::uint64_t key, std::string_view id, bool refused, WallTime at) {
  const WallTime minute = std::chrono::floor<std::chrono::minutes>(at);
  if (minute != minute_) {
    finish();
    minute_ = minute;
  }
  ++messages_;
  const auto end = keys_.begin() + static_cast<std::ptrdiff_t>(used_);
  auto place = static_cast<std::size_t>(std::find(keys_.begin(), end, key) - keys_.begin());
  if (place == used_) {
    std::uint64_t error = 0;
    if (used_ < kPlaces) {
      ++used_;
    } else {
      const auto quietest =
          std::min_element(places_.begin(), places_.end(),
                           [](const Place& a, const Place& b) { return a.count < b.count; });
      place = static_cast<std::size_t>(quietest - places_.begin());
      error = quietest->count;
    }
    keys_[place] = key;
    Place& taken = places_[place];
    taken = {.count = error, .error = error, .talker = {}};
    taken.talker.id_size = id.copy(taken.talker.id_bytes.data(), Talker::kMostIdBytes);
  }
  ++places_[place].count;
  if (refused) ++places_[place].talker.refused;
}

void TopTalkers::finish() {
  if (messages_ == 0) return;
  publish();
  messages_ = 0;
  used_ = 0;
}

void TopTalkers::publish() {
  TalkersOfMinute result{.minute = minute_, .messages = messages_};
  std::vector<Talker> talkers;
  for (std::size_t i = 0; i < used_; ++i) {
    talkers.push_back(places_[i].talker);
    talkers.back().messages = places_[i].count - places_[i].error;
  }
  std::stable_sort(talkers.begin(), talkers.end(),
                   [](const Talker& a, const Talker& b) { return a.messages > b.messages; });
  result.count = std::min(talkers.size(), TalkersOfMinute::kMost);
  std::copy_n(talkers.begin(), result.count, result.loudest.begin());
  published_.publish(result);
}

}  // namespace sluice
