#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "base/clock.h"
#include "metrics/counter.h"
#include "metrics/latest.h"

namespace sluice {

/// One sender among the loudest of its source, in one minute.
struct Talker {
  static constexpr std::size_t kMostIdBytes = 64;

  std::array<char, kMostIdBytes> id_bytes{};  ///< from the topic: any bytes
  std::size_t id_size = 0;                    ///< 0: topics without an observer
  std::uint64_t messages = 0;                 ///< at least so many; exact while few others talk
  std::uint64_t refused = 0;                  ///< of these

  [[nodiscard]] std::string_view id() const noexcept { return {id_bytes.data(), id_size}; }
};

/// One source's loudest senders in one minute of receive time.
struct TalkersOfMinute {
  static constexpr std::size_t kMost = 10;

  WallTime minute{};                    ///< its start
  std::uint64_t messages = 0;           ///< of all senders
  std::size_t count = 0;                ///< of `loudest`; 0 before the first minute is over
  std::array<Talker, kMost> loudest{};  ///< loudest first
};

/// What an operator sees of floods.
///
/// Thread: bound(dedup) writes; counters are for any reader, `talkers` for one.
struct FloodMetrics {
  Counter new_observers;            ///< observers that were not known before, phones included
  Counter new_nodes;                ///< likewise nodes
  Counter dropped_rows_suppressed;  ///< refused adverts without a row in dropped_packets
  std::deque<Latest<TalkersOfMinute>> talkers;  ///< by source; set once at wiring
};

}  // namespace sluice
