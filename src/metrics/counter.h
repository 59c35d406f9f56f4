#pragma once

#include <atomic>
#include <cstdint>

namespace sluice {

/// A number that only grows, with one writer. Readers may see it a moment late, never torn.
///
/// Thread: add() bound to one stage; value() any. Relaxed throughout: a counter publishes nothing
/// but itself.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down, with one writer.
///
/// Thread: set() bound to one stage; value() any.
class Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace sluice
