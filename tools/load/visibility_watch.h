#pragma once

#include <cstdint>
#include <vector>

#include "observer_rows.h"
#include "read_only_database.h"

namespace sluice {

/// When which observations could be read by somebody else. Ids ascend in the order of the commits,
/// so the highest id at each look says of every row when it became visible.
///
/// Thread: bound(its user).
class VisibilityWatch {
 public:
  VisibilityWatch(const ReadOnlyDatabase& database, const ObserverRows& observers);

  /// What is there now belongs to the past.
  void begin_step();
  /// Looks once; `now` in seconds since the step began. Reads nothing but the rows that are new.
  void look(double now);

  /// The run's own rows that have come since begin_step().
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::int64_t first_id() const noexcept { return first_id_; }
  [[nodiscard]] std::int64_t last_id() const noexcept { return last_id_; }
  /// When the last of them came.
  [[nodiscard]] double last_news() const noexcept { return last_news_; }
  /// When the row with this id became visible, no earlier than the look that found it.
  [[nodiscard]] double visible_at(std::int64_t id) const;

 private:
  struct Look {
    double at;
    std::int64_t last_id;
  };

  const ObserverRows& observers_;
  ReadQuery newest_;
  ReadQuery new_rows_;
  std::vector<Look> looks_;
  std::uint64_t rows_ = 0;
  std::int64_t first_id_ = 0;
  std::int64_t last_id_ = 0;
  double last_news_ = 0;
};

}  // namespace sluice
