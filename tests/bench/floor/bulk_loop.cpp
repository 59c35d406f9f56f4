#include "bench/floor/bulk_loop.h"

#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "bench/floor/run_meter.h"
#include "store/connection.h"
#include "write/checkpointer.h"

namespace sluice::bench {
namespace {

/// `INSERT INTO table(columns) VALUES (?, …)`, straight on the C interface.
class PlainInsert {
 public:
  PlainInsert(Connection& connection, const TableRows& rows, const char* or_what = "")
      : database_(connection.handle()), columns_(static_cast<int>(rows.columns.size())) {
    const std::vector<std::string> marks(rows.columns.size(), "?");
    const std::string sql = fmt::format("INSERT {} INTO {}({}) VALUES ({})", or_what, rows.table,
                                        fmt::join(rows.columns, ", "), fmt::join(marks, ", "));
    if (sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                           nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_));
  }
  ~PlainInsert() { sqlite3_finalize(statement_); }
  PlainInsert(const PlainInsert&) = delete;
  PlainInsert& operator=(const PlainInsert&) = delete;

  /// `first` replaces the first column where it is not 0. Returns the row's id.
  std::int64_t run(const Cell* row, std::int64_t first = 0) {
    for (int i = 0; i < columns_; ++i) bind(i + 1, row[i]);
    if (first != 0) sqlite3_bind_int64(statement_, 1, first);
    if (sqlite3_step(statement_) != SQLITE_DONE)
      throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_reset(statement_);
    return sqlite3_last_insert_rowid(database_);
  }

 private:
  void bind(int index, const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::kNull:
        sqlite3_bind_null(statement_, index);
        return;
      case Cell::Kind::kInteger:
        sqlite3_bind_int64(statement_, index, cell.integer);
        return;
      case Cell::Kind::kReal:
        sqlite3_bind_double(statement_, index, cell.real);
        return;
      case Cell::Kind::kText:
        sqlite3_bind_text(statement_, index, cell.text.data(), static_cast<int>(cell.text.size()),
                          SQLITE_STATIC);
        return;
    }
  }

  sqlite3* database_;
  int columns_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

RunFigures run_bulk_loop(const std::string& path, const FinalRows& rows,
                         std::uint64_t rows_per_transaction) {
  const SystemClock clock;
  WriteMetrics metrics;
  Connection connection({.path = path});
  Checkpointer checkpointer(connection, {}, clock, metrics);
  PlainInsert transmission(connection, rows.transmissions);
  PlainInsert observation(connection, rows.observations);
  std::vector<std::int64_t> ids(rows.transmissions.size(), 0);

  RunFigures figures;
  const RunMeter meter;
  const double cpu = thread_cpu_seconds();
  for (std::size_t next = 0; next < rows.observations.size();) {
    connection.begin_immediate();
    if (next == 0) {
      for (const TableRows& other : rows.others) {
        PlainInsert insert(connection, other, "OR IGNORE");  // a file may know the observer
        for (std::size_t i = 0; i < other.size(); ++i) insert.run(other.row(i));
        figures.statements += other.size();
      }
    }
    for (std::uint64_t i = 0; i < rows_per_transaction && next < rows.observations.size(); ++i) {
      std::int64_t id = 0;
      if (const std::int64_t index = rows.transmission_of[next]; index >= 0) {
        std::int64_t& known = ids[static_cast<std::size_t>(index)];
        if (known == 0)
          known = transmission.run(rows.transmissions.row(static_cast<std::size_t>(index)));
        id = known;
      }
      observation.run(rows.observations.row(next), id);
      ++next;
    }
    connection.commit();
    checkpointer.consider();
    ++figures.transactions;
  }
  figures.writer_cpu_seconds = thread_cpu_seconds() - cpu;
  meter.finish(figures);
  figures.observations = figures.packets = rows.observations.size();
  figures.checkpoints = metrics.checkpoints.value();
  figures.statements += executed_statements(connection.handle());
  return figures;
}

}  // namespace sluice::bench
