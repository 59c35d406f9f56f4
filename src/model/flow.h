#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

/// How many batches of one source may be on their way between feed and dedup: the size of dedup's
/// reorder ring.
inline constexpr std::uint64_t kReorderPlaces = 64;

/// What dedup tells feed about one source: batches taken in order so far.
///
/// Thread: note_in_order() bound(dedup), has_reached() bound(feed), in_order() any.
class SourceFlow {
 public:
  /// So many batches have left the reorder ring. True if feed has to be told, since it waits for
  /// that.
  [[nodiscard]] bool note_in_order(std::uint64_t batches) noexcept {
    in_order_.store(batches, std::memory_order_seq_cst);
    return batches >= awaited_.load(std::memory_order_seq_cst) &&
           awaited_.exchange(kNothing, std::memory_order_seq_cst) != kNothing;
  }

  /// If not, feed will be told when they have.
  [[nodiscard]] bool has_reached(std::uint64_t batches) noexcept {
    // acquire pairs with note_in_order(): a place in the ring is empty before feed may fill it.
    if (in_order_.load(std::memory_order_acquire) >= batches) return true;
    // seq_cst, as in note_in_order(): either it sees that somebody waits, or this sees its number.
    awaited_.store(batches, std::memory_order_seq_cst);
    return in_order_.load(std::memory_order_seq_cst) >= batches;
  }

  [[nodiscard]] std::uint64_t in_order() const noexcept {
    return in_order_.load(std::memory_order_acquire);
  }

 private:
  static constexpr std::uint64_t kNothing = UINT64_MAX;

  alignas(64) std::atomic<std::uint64_t> in_order_{0};
  std::atomic<std::uint64_t> awaited_{kNothing};
};

/// What write tells feed about the window.
///
/// Thread: bound(write) writes, bound(feed) reads. Relaxed: a hint about time, and nothing hangs on
/// seeing it at once.
class WindowFlow {
 public:
  void open_until(MonoTime closes) noexcept {
    closes_.store(closes.time_since_epoch().count(), std::memory_order_relaxed);
  }
  void closed() noexcept { open_until(MonoTime::min()); }

  /// When the open window closes; MonoTime::min() while none is open, or one that may be full soon.
  [[nodiscard]] MonoTime closes() const noexcept {
    return MonoTime(MonoTime::duration(closes_.load(std::memory_order_relaxed)));
  }

 private:
  alignas(64) std::atomic<MonoTime::rep> closes_{MonoTime::min().time_since_epoch().count()};
};

}  // namespace sluice
