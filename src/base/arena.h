#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace sluice {

/// Bump allocator for the bytes that belong to one batch: decoded frames, repaired strings, path
/// texts. Everything dies with the batch, so nothing is freed one by one; views stay valid however
/// much is added later.
///
/// Thread: bound to whoever holds the batch.
class Arena {
 public:
  explicit Arena(std::size_t block_bytes = 16 * 1024) noexcept : block_bytes_(block_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Room for `count` bytes, uninitialised, unaligned.
  [[nodiscard]] char* allocate(std::size_t count) {
    if (count > room_) grow(count);
    char* place = next_;
    next_ += count;
    room_ -= count;
    return place;
  }

  /// Gives back the tail of the newest allocation: `unused` of its bytes were not needed.
  void give_back(std::size_t unused) noexcept {
    next_ -= unused;
    room_ += unused;
  }

  [[nodiscard]] std::string_view copy(std::string_view text) {
    if (text.empty()) return "";  // never a null pointer, which would be stored as NULL
    char* place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  [[nodiscard]] std::size_t allocated_bytes() const noexcept { return allocated_bytes_; }

 private:
  void grow(std::size_t at_least) {
    const std::size_t size = at_least > block_bytes_ ? at_least : block_bytes_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    room_ = size;
    allocated_bytes_ += size;
  }

  std::size_t block_bytes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
  std::size_t allocated_bytes_ = 0;
};

}  // namespace sluice
