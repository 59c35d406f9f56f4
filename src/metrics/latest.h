#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace sluice {

/// The newest of a series of values, handed from one thread to one other without a lock: three
/// places, of which the writer has one, the reader has one, and the newest lies in the third.
///
/// Thread: publish() bound to the writer; read() bound to one reader.
template <typename T>
class Latest {
 public:
  void publish(const T& value) {
    places_[writing_] = value;
    // Release: the value is complete before its place can be taken. Acquire: the reader is done
    // with the place that comes back. Pairs with itself in read().
    writing_ = middle_.exchange(writing_ | kNews, std::memory_order_acq_rel) & kPlace;
  }

  /// What was published last, T{} before that. Lives until the next read().
  [[nodiscard]] const T& read() const {
    if ((middle_.load(std::memory_order_relaxed) & kNews) != 0)  // a hint; the exchange orders
      reading_ = middle_.exchange(reading_, std::memory_order_acq_rel) & kPlace;
    return places_[reading_];
  }

 private:
  static constexpr std::uint8_t kPlace = 3;
  static constexpr std::uint8_t kNews = 4;

  std::array<T, 3> places_{};
  std::uint8_t writing_ = 0;
  mutable std::atomic<std::uint8_t> middle_{1};
  mutable std::uint8_t reading_ = 2;
};

}  // namespace sluice
