#include "support/other_connection.h"

#include <stdexcept>

#include <fmt/format.h>
#include <sqlite3.h>

namespace sluice::test {
namespace {

std::string cell(sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL) return "NULL";
  return reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
}

[[noreturn]] void fail(sqlite3* database, const std::string& sql) {
  throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(database), sql));
}

}  // namespace

OtherConnection::OtherConnection(const std::string& path) {
  // By name: the default may be one that fails on purpose.
  if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, "unix") != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(database_);
    sqlite3_close(database_);
    throw std::runtime_error(fmt::format("{}: {}", why, path));
  }
  sqlite3_busy_timeout(database_, 0);
}

OtherConnection::~OtherConnection() { sqlite3_close(database_); }

std::vector<std::string> OtherConnection::rows(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    fail(database_, sql);
  }
  std::vector<std::string> result;
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (i > 0) line += '|';
      line += cell(statement, i);
    }
    result.push_back(line);
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) fail(database_, sql);
  return result;
}

std::string OtherConnection::value(const std::string& sql) const {
  const auto all = rows(sql);
  if (all.empty()) throw std::runtime_error("no row: " + sql);
  return all.front();
}

std::int64_t OtherConnection::count(const std::string& table) const {
  return std::stoll(value("SELECT count(*) FROM " + table));
}

void OtherConnection::execute(const std::string& sql) const {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(database_, sql);
  }
}

bool OtherConnection::try_execute(const std::string& sql) const {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) fail(database_, sql);
  return code == SQLITE_OK;
}

void OtherConnection::take_write_lock() const {
  sqlite3_busy_timeout(database_, 60'000);
  execute("BEGIN IMMEDIATE");
  sqlite3_busy_timeout(database_, 0);
}

}  // namespace sluice::test
