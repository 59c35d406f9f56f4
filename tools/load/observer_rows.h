#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "read_only_database.h"
#include "template_set.h"

namespace sluice {

/// The run's observers as the database knows them.
///
/// Thread: bound(its user).
class ObserverRows {
 public:
  /// Keeps references; `prefix` is what all the run's observers begin with.
  ObserverRows(const ReadOnlyDatabase& database, const std::vector<LoadObserver>& observers,
               std::string prefix);

  /// Reads the table again; how many of the run's observers are there.
  std::size_t refresh();
  /// Which are not, by index.
  [[nodiscard]] std::vector<bool> missing() const;

  /// The run's index of the observer with this rowid; nothing for everybody else's.
  [[nodiscard]] std::optional<std::uint32_t> index_of(std::int64_t rowid) const;
  /// What the table has counted for them all: every packet and status that was handled.
  [[nodiscard]] std::uint64_t messages_counted();

 private:
  std::unordered_map<std::string, std::uint32_t> index_by_id_;
  std::unordered_map<std::int64_t, std::uint32_t> index_by_row_;
  std::string from_;
  std::string to_;
  ReadQuery rows_;
  ReadQuery counted_;
};

}  // namespace sluice
