#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "observer_rows.h"
#include "published_log.h"
#include "read_only_database.h"

namespace sluice {

/// What the database holds of a step.
struct DatabaseCheckResult {
  std::uint64_t found = 0;    ///< with an id of this step
  std::uint64_t earlier = 0;  ///< merged with a row that was there before
  std::vector<ExpectedRow> missing;
  std::uint64_t twice = 0;    ///< rows that an earlier one should have merged
  std::uint64_t unknown = 0;  ///< rows of the run's observers that nobody published like this
};

/// A row of the run's observers as it lies in the tables.
struct StoredRow {
  std::int64_t id = 0;
  std::uint64_t key = 0;
};

/// Compares the observations with what was published.
///
/// Thread: bound(its user).
class DatabaseCheck {
 public:
  DatabaseCheck(const ReadOnlyDatabase& database, const ObserverRows& observers);

  /// Reads the rows with ids in (first_id, last_id] in pieces, so that no read lasts. `on_found`
  /// gets each expected row with its id, once. Rows that an earlier step has made already are
  /// looked up one by one by `describe`, which gives the transmission's hash, the observer's id and
  /// the path of an expected row.
  struct Identity {
    std::uint64_t content_hash;
    std::string observer_id;
    std::string path_json;
  };
  [[nodiscard]] DatabaseCheckResult compare(
      const std::vector<ExpectedRow>& expected, std::int64_t first_id, std::int64_t last_id,
      const std::function<void(const ExpectedRow&, std::int64_t id)>& on_found,
      const std::function<Identity(const ExpectedRow&)>& describe);

  /// Rows of the run's observers with ids in (first_id, last_id].
  [[nodiscard]] std::uint64_t count(std::int64_t first_id, std::int64_t last_id);

 private:
  [[nodiscard]] bool exists(const Identity& row);

  const ObserverRows& observers_;
  ReadQuery rows_;
  ReadQuery one_row_;
};

}  // namespace sluice
