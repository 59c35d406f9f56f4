#include "store/statement.h"

#include <cassert>
#include <cmath>
#include <utility>

#include <sqlite3.h>

#include "store/connection.h"
#include "store/row_stream.h"
#include "store/store_error.h"

namespace sluice {

Statement::Statement(Connection& connection, std::string_view sql)
    : connection_(&connection), handle_(nullptr) {
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK)
    throw make_store_error(connection.handle(), code, "cannot prepare a statement");
  assert(handle_ != nullptr && "an empty statement");
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), handle_(std::exchange(other.handle_, nullptr)) {}

std::int64_t Statement::Row::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_->handle_, column);
}

std::string_view Statement::Row::text(int column) const noexcept {
  const auto* text = sqlite3_column_text(statement_->handle_, column);
  if (text == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle_, column));
  return {reinterpret_cast<const char*>(text), size};
}

bool Statement::Row::next() {
  // A step that ends or fails has reset the statement already.
  Statement* statement = std::exchange(statement_, nullptr);
  if (!statement->step()) return false;
  statement_ = statement;
  return true;
}

void Statement::bind(int index, double value) {
  // What is not finite counts as absent everywhere: one infinity in a column makes whole answers
  // of CoreScope's server come out empty.
  const int code = std::isfinite(value) ? sqlite3_bind_double(handle_, index, value)
                                        : sqlite3_bind_null(handle_, index);
  if (code != SQLITE_OK) fail(code, "cannot bind a number");
}

void Statement::bind(int index, std::string_view value) {
  // A null pointer would be SQL NULL, and '' is not NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  const int code =
      sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(code, "cannot bind a text");
}

void Statement::bind(int index, RowStream* rows) {
  const int code = sqlite3_bind_pointer(handle_, index, rows, kRowStreamPointer, nullptr);
  if (code != SQLITE_OK) fail(code, "cannot bind rows");
}

void Statement::bind_integer(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_, index, value);
  if (code != SQLITE_OK) fail(code, "cannot bind an integer");
}

void Statement::bind_null(int index) {
  const int code = sqlite3_bind_null(handle_, index);
  if (code != SQLITE_OK) fail(code, "cannot bind NULL");
}

bool Statement::step() {
  connection_->assert_bound();
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(code, "cannot execute a statement");
  reset();
  return false;
}

void Statement::run_bound() {
  const bool row = step();
  assert(!row && "a statement with a result, run without looking at it");
  if (row) reset();
}

void Statement::reset() noexcept { sqlite3_reset(handle_); }

void Statement::fail(int code, std::string_view doing) {
  const StoreError error = make_store_error(connection_->handle(), code, doing);
  reset();
  throw error;
}

}  // namespace sluice
