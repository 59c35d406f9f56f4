#pragma once

#include <atomic>
#include <cstdint>

namespace sluice {

/// How many batches of one source may be on their way between feed and dedup: the size of dedup's
/// reorder ring.
inline constexpr std::uint64_t kReorderPlaces = 64;

/// What dedup tells feed about one source: batches taken in order so far.
///
/// Thread: bound(dedup) writes, bound(feed) reads. Release/acquire, so that a place in the ring is
/// empty before feed may fill it again.
struct SourceFlow {
  alignas(64) std::atomic<std::uint64_t> batches_in_order{0};
};

}  // namespace sluice
