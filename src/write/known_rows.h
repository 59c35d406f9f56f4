#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sluice {

/// What the writer remembers of the transmission in each of dedup's slots, so that a copy of a
/// known transmission costs no look into the database. Only committed facts get here: a window that
/// is rolled back leaves no trace.
///
/// Thread: bound(write).
class KnownRows {
 public:
  struct Row {
    std::int64_t id = 0;          ///< 0 = not known
    std::int64_t first_seen = 0;  ///< epoch seconds, as stored
    std::int64_t last_seen = 0;   ///< epoch seconds, as stored
  };

  explicit KnownRows(std::size_t slots) : rows_(slots) {}

  [[nodiscard]] const Row& operator[](std::uint32_t slot) const noexcept { return rows_[slot]; }
  void learn(std::uint32_t slot, const Row& row) noexcept { rows_[slot] = row; }
  /// Somebody else has written: nothing that was known of any row is certain any more.
  void forget_all() noexcept { std::fill(rows_.begin(), rows_.end(), Row{}); }
  [[nodiscard]] std::size_t slots() const noexcept { return rows_.size(); }

 private:
  std::vector<Row> rows_;
};

}  // namespace sluice
