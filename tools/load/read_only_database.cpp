#include "read_only_database.h"

#include <stdexcept>

#include <sqlite3.h>

namespace sluice {
namespace {

constexpr int kBusyTimeoutMs = 2000;

std::runtime_error database_error(const std::string& path, sqlite3* handle) {
  return std::runtime_error(path + ": " + sqlite3_errmsg(handle));
}

}  // namespace

ReadOnlyDatabase::ReadOnlyDatabase(const std::string& path) : path_(path) {
  const int result = sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr);
  if (result != SQLITE_OK) {
    const std::runtime_error error = database_error(path, handle_);
    sqlite3_close(handle_);
    throw error;
  }
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
}

ReadOnlyDatabase::~ReadOnlyDatabase() { sqlite3_close(handle_); }

void ReadQuery::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

ReadQuery::ReadQuery(const ReadOnlyDatabase& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) throw database_error(database.path(), database.handle());
}

ReadQuery& ReadQuery::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

ReadQuery& ReadQuery::bind(int place, std::string_view value) {
  sqlite3_bind_text(statement_.get(), place, value.data(), static_cast<int>(value.size()),
                    SQLITE_STATIC);
  return *this;
}

bool ReadQuery::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const std::runtime_error error = database_error(database_.path(), database_.handle());
  finish();
  throw error;
}

void ReadQuery::finish() noexcept { sqlite3_reset(statement_.get()); }

bool ReadQuery::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t ReadQuery::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view ReadQuery::text(int column) const noexcept {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace sluice
