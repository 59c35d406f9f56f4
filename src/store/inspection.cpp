#include "store/inspection.h"

#include <algorithm>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/schema_tables.h"
#include "store/store_error.h"

namespace sluice {
namespace {

constexpr int kReadPatienceMs = 1000;

/// Columns that later or other versions of the schema have and that are filled where they exist.
constexpr std::string_view kKnownExtras[] = {"transmissions.code1", "transmissions.code2"};

std::string text_of(const SQLite::Database& database, const char* sql) {
  SQLite::Statement statement(database, sql);
  return statement.executeStep() ? statement.getColumn(0).getString() : "";
}

std::int64_t integer_of(const SQLite::Database& database, const std::string& sql) {
  SQLite::Statement statement(database, sql);
  return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

std::vector<std::string> columns_of(const SQLite::Database& database, const char* table) {
  SQLite::Statement statement(database, "SELECT name FROM pragma_table_info(?1)");
  statement.bindNoCopy(1, table);
  std::vector<std::string> columns;
  while (statement.executeStep()) columns.push_back(statement.getColumn(0).getString());
  return columns;
}

void compare_table(const SQLite::Database& database, const TableSpec& table,
                   DatabaseInspection& inspection) {
  const std::vector<std::string> present = columns_of(database, table.name);
  if (present.empty()) {
    inspection.missing.push_back(fmt::format("table {}", table.name));
    return;
  }
  for (const ColumnSpec& column : table.columns) {
    if (std::find(present.begin(), present.end(), column.name) == present.end())
      inspection.missing.push_back(fmt::format("{}.{}", table.name, column.name));
  }
  for (const std::string& name : present) {
    const bool specified =
        std::any_of(table.columns.begin(), table.columns.end(),
                    [&](const ColumnSpec& column) { return name == column.name; });
    if (specified) continue;
    std::string path = fmt::format("{}.{}", table.name, name);
    const bool known =
        std::find(std::begin(kKnownExtras), std::end(kKnownExtras), path) != std::end(kKnownExtras);
    (known ? inspection.known_extras : inspection.foreign_extras).push_back(std::move(path));
  }
}

void compare_indexes(const SQLite::Database& database, DatabaseInspection& inspection) {
  SQLite::Statement statement(database,
                              "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?1");
  for (const IndexSpec& index : indexes()) {
    statement.reset();
    statement.bindNoCopy(1, index.name);
    const bool present = statement.executeStep();
    if (index.redundant)
      (present ? inspection.redundant_present : inspection.redundant_missing)
          .emplace_back(index.name);
    else if (!present)
      inspection.missing_indexes.emplace_back(index.name);
  }
}

/// A missing index is made at the start, unless rows are in the way of a unique one.
std::string unique_index_problem(const SQLite::Database& database) {
  for (const IndexSpec& index : indexes()) {
    if (!index.unique || integer_of(database, fmt::format("SELECT count(*) FROM sqlite_master "
                                                          "WHERE type = 'index' AND name = '{}'",
                                                          index.name)) > 0)
      continue;
    if (integer_of(database, index.has_duplicates) != 0) return duplicates_in_the_way(index);
  }
  return "";
}

void look_inside(const SQLite::Database& database, DatabaseInspection& inspection) {
  inspection.fresh = integer_of(database,
                                "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
                                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                                " AND name NOT LIKE 'sluice\\_%' ESCAPE '\\'") == 0;
  inspection.journal_mode = text_of(database, "PRAGMA journal_mode");
  inspection.auto_vacuum = integer_of(database, "PRAGMA auto_vacuum");
  if (inspection.fresh) return;
  for (const TableSpec& table : shared_tables()) compare_table(database, table, inspection);
  if (!inspection.missing.empty()) return;
  compare_indexes(database, inspection);
  inspection.problem = unique_index_problem(database);
  inspection.transmissions = integer_of(database, "SELECT max(id) FROM transmissions");
  inspection.observations = integer_of(database, "SELECT max(id) FROM observations");
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

/// The last connection to leave empties the write-ahead log into the database and deletes it:
/// wanted if there was none before we came, not otherwise.
WriteLock try_lock(const std::string& path, bool had_log, std::chrono::milliseconds patience) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE, static_cast<int>(patience.count()));
  const int keep = had_log ? 1 : 0;
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, nullptr);
  const int code =
      sqlite3_exec(database.getHandle(), "BEGIN IMMEDIATE; ROLLBACK", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return WriteLock::kFree;
  return store_error_kind(code) == StoreErrorKind::kBusy ? WriteLock::kHeld : WriteLock::kUnknown;
}

}  // namespace

DatabaseInspection inspect_database(const std::string& path, std::chrono::milliseconds patience) {
  DatabaseInspection inspection;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return inspection;
  inspection.exists = true;
  if (!S_ISREG(status.st_mode)) {
    inspection.problem = "not a file";
    return inspection;
  }
  const bool had_log = exists(path + "-wal");
  try {
    look_inside(SQLite::Database(path, SQLite::OPEN_READONLY, kReadPatienceMs), inspection);
    if (::access(path.c_str(), W_OK) == 0)
      inspection.write_lock = try_lock(path, had_log, patience);
  } catch (const SQLite::Exception& error) {
    if (store_error_kind(error.getErrorCode()) == StoreErrorKind::kBusy)
      inspection.locked = true;
    else
      inspection.problem = error.what();
  }
  return inspection;
}

}  // namespace sluice
