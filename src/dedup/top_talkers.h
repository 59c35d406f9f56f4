#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "metrics/flood_metrics.h"

namespace sluice {

/// Who sends most over one source, minute by minute of receive time: a Space-Saving sketch. Whoever
/// sends more than a 64th of a minute's messages is in it, whatever the others send, and is counted
/// no higher than he should be.
///
/// Thread: bound(dedup).
class TopTalkers {
 public:
  static constexpr std::size_t kPlaces = 64;

  explicit TopTalkers(Latest<TalkersOfMinute>& published) : published_(published) {}

  /// `key` is a salted hash of `id`; the id itself is only read when it takes a place.
  void note(std::uint64_t key, std::string_view id, bool refused, WallTime at);
  /// Publishes what there is of the last minute.
  void finish();

 private:
  struct Place {
    std::uint64_t count = 0;  // may be too high by `error`
    std::uint64_t error = 0;
    Talker talker;
  };

  void publish();

  Latest<TalkersOfMinute>& published_;
  WallTime minute_{};
  std::uint64_t messages_ = 0;
  std::size_t used_ = 0;
  std::array<std::uint64_t, kPlaces> keys_{};  // apart from the places: all of them are looked at
  std::array<Place, kPlaces> places_{};
};

}  // namespace sluice
