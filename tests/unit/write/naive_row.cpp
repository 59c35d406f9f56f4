#include "naive_row.h"

#include <stdexcept>

#include <fmt/format.h>
#include <sqlite3.h>

namespace sluice::test {
namespace {

std::string to_text(const Cell& cell) {
  struct Writer {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{:#.17g}", value); }
    std::string operator()(const std::string& value) const { return '\'' + value + '\''; }
  };
  return std::visit(Writer{}, cell);
}

Cell cell_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_NULL:
      return {};
    default:
      return std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
                         static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  }
}

}  // namespace

std::string to_line(const NaiveRow& row) {
  std::string line;
  for (const auto& [column, cell] : row) line += fmt::format("{}={} ", column, to_text(cell));
  return line;
}

std::vector<NaiveRow> read_rows(const std::string& database, const std::string& sql) {
  sqlite3* connection = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::vector<NaiveRow> rows;
  if (sqlite3_open_v2(database.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection));
  }
  while (sqlite3_step(statement) == SQLITE_ROW) {
    NaiveRow& row = rows.emplace_back();
    for (int column = 0; column < sqlite3_column_count(statement); ++column)
      row[sqlite3_column_name(statement, column)] = cell_of(statement, column);
  }
  sqlite3_finalize(statement);
  sqlite3_close(connection);
  return rows;
}

}  // namespace sluice::test
