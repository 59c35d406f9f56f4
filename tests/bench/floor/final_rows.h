#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;

namespace sluice::bench {

/// One cell, as SQLite holds it. Texts live in the FinalRows they belong to.
struct Cell {
  enum class Kind : std::uint8_t { kNull, kInteger, kReal, kText };
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

/// Rows of one table, without their ids: what a plain insert is given.
struct TableRows {
  std::string table;
  std::vector<std::string> columns;
  std::vector<Cell> cells;  ///< row by row
  [[nodiscard]] std::size_t size() const noexcept {
    return columns.empty() ? 0 : cells.size() / columns.size();
  }
  [[nodiscard]] const Cell* row(std::size_t index) const noexcept {
    return &cells[index * columns.size()];
  }
};

/// Where a database ends, so that what is added later can be told from it.
struct HighWater {
  std::int64_t transmission = 0;
  std::int64_t observation = 0;
  std::int64_t dropped_packet = 0;
};

/// What a run has left in a database beyond `before`: the rows that the floor writes again. The
/// order is that of their ids, so that neither side has the better order by luck.
///
/// Thread: bound(its user).
class FinalRows {
 public:
  /// Reads them all into memory. Throws std::runtime_error.
  FinalRows(const std::string& path, const HighWater& before);

  TableRows transmissions;
  TableRows observations;
  /// Of each observation, the index of its transmission among `transmissions`, or -1 and then the
  /// id in the first column counts: it was there before.
  std::vector<std::int64_t> transmission_of;
  /// The rest, whole tables: observers, nodes, observer_metrics, dropped_packets. They are few.
  std::vector<TableRows> others;

  /// The id of the observer with this rowid; null if there is none.
  [[nodiscard]] const std::string_view* observer_id(std::int64_t rowid) const;

 private:
  [[nodiscard]] TableRows read(sqlite3* database, const std::string& table,
                               const std::vector<std::string>& columns, const std::string& where,
                               std::vector<std::int64_t>* ids);

  std::deque<std::string> texts_;
  std::unordered_map<std::int64_t, std::string_view> observer_ids_;
};

[[nodiscard]] HighWater high_water(const std::string& path);

}  // namespace sluice::bench
