#pragma once

#include <cstddef>

namespace sluice::test {

/// Memory of this process that no file stands behind, resident now: bytes.
[[nodiscard]] std::size_t resident_anonymous_bytes();

/// False where a sanitizer keeps freed memory: numbers mean nothing then.
[[nodiscard]] bool memory_can_be_measured() noexcept;

/// The most that was resident at any of the looks, above what was at the first.
class PeakMemory {
 public:
  PeakMemory() : first_(resident_anonymous_bytes()) {}
  void look();
  [[nodiscard]] std::size_t growth_bytes() const noexcept { return growth_; }

 private:
  std::size_t first_;
  std::size_t growth_ = 0;
};

}  // namespace sluice::test
