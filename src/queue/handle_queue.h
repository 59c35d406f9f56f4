#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#if defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
// GCC's TSan does not model fences and says so as an error; tools/meson/tsan.supp has the rest of
// the story.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
#include <concurrentqueue/concurrentqueue.h>
#if defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "base/wakeup.h"

namespace sluice {

/// Lock-free queue of owned handles between two stages: moodycamel's ConcurrentQueue plus what a
/// pipeline needs on top of it, namely a true bound (credits; the queue's own size is an estimate),
/// closing, and wake-ups.
///
/// Full: try_push() leaves the handle with the caller, who keeps it and comes back. Empty:
/// try_pop() returns null. Order: first in, first out per producer. Thread: any number of producers
/// and consumers, each through a Producer or Consumer of its own.
template <typename T>
class HandleQueue {
 public:
  using Handle = std::unique_ptr<T>;
  /// How many places a handle takes, at least 1: the same while it is in the queue. It is let in as
  /// long as one is free, and may overdraw by the rest, so that full means the same to all.
  using Weigh = std::size_t (*)(const T&);

  /// `capacity` places, one for each handle unless `weigh` says more. `on_push` and `on_room`
  /// belong to the threads of the consumers and the producers; they may be null where a test steps
  /// the stages by hand. `on_room` is notified only after a try_push() that found none.
  explicit HandleQueue(std::size_t capacity, Wakeup* on_push = nullptr, Wakeup* on_room = nullptr,
                       Weigh weigh = nullptr)
      : queue_(capacity),
        capacity_(capacity),
        credits_(static_cast<std::ptrdiff_t>(capacity)),
        on_push_(on_push),
        on_room_(on_room),
        weigh_(weigh) {}

  /// The sending end for one thread. All Producers are made before the first one closes.
  class Producer {
   public:
    explicit Producer(HandleQueue& queue) : queue_(queue), token_(queue.queue_) {
      queue_.open_producers_.fetch_add(
          1, std::memory_order_relaxed);  // wiring happens before any thread starts
    }
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;
    ~Producer() { close(); }

    /// Takes the handle and returns true, or leaves it and returns false when the queue is full.
    [[nodiscard]] bool try_push(Handle& handle) {
      assert(handle && open_);
      if (!queue_.take_credit_or_wait(queue_.places_of(*handle))) return false;
      if (!queue_.queue_.enqueue(token_, std::move(handle))) throw std::bad_alloc();
      if (queue_.on_push_ != nullptr) queue_.on_push_->notify();
      return true;
    }

    /// No more will come from here. The queue is closed once its last producer is.
    void close() noexcept {
      if (!std::exchange(open_, false)) return;
      // seq_cst: whoever sees zero also sees every push before it (drained()), and see
      // return_credit().
      queue_.open_producers_.fetch_sub(1, std::memory_order_seq_cst);
      if (queue_.on_push_ != nullptr) queue_.on_push_->notify();
    }

   private:
    HandleQueue& queue_;
    moodycamel::ProducerToken token_;
    bool open_ = true;
  };

  /// The receiving end for one thread.
  class Consumer {
   public:
    explicit Consumer(HandleQueue& queue) : queue_(queue), token_(queue.queue_) {}
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    [[nodiscard]] Handle try_pop() {
      Handle handle;
      if (queue_.queue_.try_dequeue(token_, handle))
        queue_.return_credit(queue_.places_of(*handle));
      return handle;
    }

    /// True when nothing is left and nothing can come any more.
    [[nodiscard]] bool drained() const noexcept { return queue_.drained(); }

   private:
    HandleQueue& queue_;
    moodycamel::ConsumerToken token_;
  };

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Places taken, as a metric: exact at rest, a moment late in motion.
  [[nodiscard]] std::size_t depth() const noexcept {
    const auto free = credits_.load(std::memory_order_relaxed);
    return capacity_ - static_cast<std::size_t>(free);
  }

 private:
  [[nodiscard]] std::ptrdiff_t places_of(const T& item) const noexcept {
    const std::size_t places = weigh_ != nullptr ? weigh_(item) : 1;
    return static_cast<std::ptrdiff_t>(std::max<std::size_t>(places, 1));
  }

  bool take_credit_or_wait(std::ptrdiff_t places) noexcept {
    if (take_credit(places)) return true;
    // seq_cst, as in return_credit(): either it sees that somebody waits, or this sees its credit.
    room_awaited_.store(true, std::memory_order_seq_cst);
    return take_credit(places);
  }

  bool take_credit(std::ptrdiff_t places) noexcept {
    std::ptrdiff_t free = credits_.load(std::memory_order_seq_cst);
    while (free > 0) {
      // acquire pairs with return_credit()'s release: the place is free once its last occupant has
      // been taken out.
      if (credits_.compare_exchange_weak(free, free - places, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // The last handle of a closed queue is news for the other consumers: what they looked at while it
  // was being taken out was empty, but not drained. Either this thread sees the queue closed and
  // tells them, or close() comes later and does: that takes the single order of seq_cst, here, in
  // close() and in drained().
  void return_credit(std::ptrdiff_t places) noexcept {
    credits_.fetch_add(places, std::memory_order_seq_cst);
    // Taken back before the notice: who waits anew after that finds a credit, or is told of one.
    if (on_room_ != nullptr && room_awaited_.load(std::memory_order_seq_cst) &&
        room_awaited_.exchange(false, std::memory_order_seq_cst))
      on_room_->notify();
    if (on_push_ != nullptr && drained()) on_push_->notify();
  }

  [[nodiscard]] bool drained() const noexcept {
    return open_producers_.load(std::memory_order_seq_cst) == 0 &&
           credits_.load(std::memory_order_seq_cst) == static_cast<std::ptrdiff_t>(capacity_);
  }

  moodycamel::ConcurrentQueue<Handle> queue_;
  const std::size_t capacity_;
  std::atomic<std::ptrdiff_t> credits_;
  std::atomic<bool> room_awaited_{false};
  std::atomic<int> open_producers_{0};
  Wakeup* const on_push_;
  Wakeup* const on_room_;
  const Weigh weigh_;
};

}  // namespace sluice
