#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace sluice {

/// A bounded memory for keys that were seen: when it is full, those that were not seen for longest
/// are forgotten, half of it at a time. Keys are salted 64-bit hashes, so that nobody can prepare
/// some that collide.
///
/// Thread: bound to its user.
class KnownKeys {
 public:
  /// Remembers at least the `generation` keys seen last, at most twice as many; about 40 bytes
  /// each.
  explicit KnownKeys(std::size_t generation) : generation_(generation) {}

  /// Whether the key is known; it counts as seen now.
  [[nodiscard]] bool sees(std::uint64_t key);
  void add(std::uint64_t key);

  [[nodiscard]] std::size_t size() const noexcept { return recent_.size() + older_.size(); }

 private:
  std::size_t generation_;
  std::unordered_set<std::uint64_t> recent_;
  std::unordered_set<std::uint64_t> older_;
};

}  // namespace sluice
