#include "bench/floor/final_rows.h"

#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

namespace sluice::bench {
namespace {

[[noreturn]] void fail(sqlite3* database, std::string_view doing) {
  throw std::runtime_error(fmt::format("{}: {}", doing, sqlite3_errmsg(database)));
}

/// A database that is only looked at.
class Reader {
 public:
  explicit Reader(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK)
      fail(database_, path);
  }
  ~Reader() { sqlite3_close(database_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] sqlite3* handle() const noexcept { return database_; }

  [[nodiscard]] std::int64_t integer(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK)
      fail(database_, sql);
    const std::int64_t value =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* database_ = nullptr;
};

std::vector<std::string> columns_of(sqlite3* database, const std::string& table) {
  std::vector<std::string> columns;
  sqlite3_stmt* statement = nullptr;
  const std::string sql = fmt::format("SELECT name FROM pragma_table_info('{}')", table);
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    fail(database, sql);
  while (sqlite3_step(statement) == SQLITE_ROW)
    columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  return columns;
}

}  // namespace

TableRows FinalRows::read(sqlite3* database, const std::string& table,
                          const std::vector<std::string>& columns, const std::string& where,
                          std::vector<std::int64_t>* ids) {
  TableRows rows{.table = table, .columns = columns, .cells = {}};
  const std::string sql = fmt::format("SELECT {}, rowid FROM {} WHERE {} ORDER BY rowid",
                                      fmt::join(columns, ", "), table, where);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    fail(database, sql);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      Cell cell;
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
          cell.kind = Cell::Kind::kInteger;
          cell.integer = sqlite3_column_int64(statement, i);
          break;
        case SQLITE_FLOAT:
          cell.kind = Cell::Kind::kReal;
          cell.real = sqlite3_column_double(statement, i);
          break;
        case SQLITE_TEXT:
          cell.kind = Cell::Kind::kText;
          cell.text =
              texts_.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, i)));
          break;
        default:
          break;
      }
      rows.cells.push_back(cell);
    }
    if (ids != nullptr)
      ids->push_back(sqlite3_column_int64(statement, static_cast<int>(columns.size())));
  }
  sqlite3_finalize(statement);
  return rows;
}

FinalRows::FinalRows(const std::string& path, const HighWater& before) {
  const Reader reader(path);
  sqlite3* database = reader.handle();
  const auto without_id = [&](const std::string& table) {
    std::vector<std::string> columns = columns_of(database, table);
    if (columns.front() == "id") columns.erase(columns.begin());
    return columns;
  };
  std::vector<std::int64_t> ids;
  transmissions = read(database, "transmissions", without_id("transmissions"),
                       fmt::format("id > {}", before.transmission), &ids);
  observations = read(database, "observations", without_id("observations"),
                      fmt::format("id > {}", before.observation), nullptr);
  std::unordered_map<std::int64_t, std::int64_t> index_of;
  for (std::size_t i = 0; i < ids.size(); ++i) index_of[ids[i]] = static_cast<std::int64_t>(i);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const auto known = index_of.find(observations.row(i)[0].integer);
    transmission_of.push_back(known == index_of.end() ? -1 : known->second);
  }
  std::vector<std::int64_t> observer_rows;
  others.push_back(
      read(database, "observers", columns_of(database, "observers"), "true", &observer_rows));
  for (std::size_t i = 0; i < observer_rows.size(); ++i)
    observer_ids_[observer_rows[i]] = others.back().row(i)[0].text;
  for (const char* table : {"nodes", "observer_metrics"})
    others.push_back(read(database, table, without_id(table), "true", nullptr));
  others.push_back(read(database, "dropped_packets", without_id("dropped_packets"),
                        fmt::format("id > {}", before.dropped_packet), nullptr));
}

const std::string_view* FinalRows::observer_id(std::int64_t rowid) const {
  const auto known = observer_ids_.find(rowid);
  return known == observer_ids_.end() ? nullptr : &known->second;
}

HighWater high_water(const std::string& path) {
  const Reader reader(path);
  return {.transmission = reader.integer("SELECT max(id) FROM transmissions"),
          .observation = reader.integer("SELECT max(id) FROM observations"),
          .dropped_packet = reader.integer("SELECT max(id) FROM dropped_packets")};
}

}  // namespace sluice::bench
