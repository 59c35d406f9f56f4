#include "store/row_stream.h"

#include <cmath>
#include <new>

#include <sqlite3.h>

#include "store/statement.h"
#include "store/store_error.h"

namespace sluice {
namespace {

constexpr int kColumns = 16;  // the hidden one, which holds the stream, comes behind them
constexpr const char* kDeclaration =
    "CREATE TABLE rows(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15,"
    " stream HIDDEN)";

struct Cursor : sqlite3_vtab_cursor {
  RowStream* stream = nullptr;
  bool at_end = true;
  std::int64_t row = 0;
};

Cursor& cursor_of(sqlite3_vtab_cursor* cursor) noexcept { return *static_cast<Cursor*>(cursor); }

int connect(sqlite3* database, void* /*aux*/, int /*argc*/, const char* const* /*argv*/,
            sqlite3_vtab** table, char** /*error*/) {
  if (const int code = sqlite3_declare_vtab(database, kDeclaration); code != SQLITE_OK) return code;
  *table = new (std::nothrow) sqlite3_vtab{};
  return *table != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* info) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn != kColumns || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    return SQLITE_OK;
  }
  return SQLITE_CONSTRAINT;  // without a stream there are no rows to ask for
}

int open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** cursor) {
  *cursor = new (std::nothrow) Cursor{};
  return *cursor != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}

int move_on(Cursor& at) noexcept {
  at.at_end = !at.stream->next();
  ++at.row;
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*plan*/, const char* /*name*/, int /*argc*/,
           sqlite3_value** argv) {
  Cursor& at = cursor_of(cursor);
  at.stream = static_cast<RowStream*>(sqlite3_value_pointer(argv[0], kRowStreamPointer));
  at.row = 0;
  if (at.stream == nullptr) return SQLITE_MISUSE;
  return move_on(at);
}

int next(sqlite3_vtab_cursor* cursor) { return move_on(cursor_of(cursor)); }

int eof(sqlite3_vtab_cursor* cursor) { return cursor_of(cursor).at_end ? 1 : 0; }

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
  ValueSink sink(context);
  cursor_of(cursor).stream->column(index, sink);
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = cursor_of(cursor).row;
  return SQLITE_OK;
}

// No xCreate: the function is there without a CREATE VIRTUAL TABLE, and leaves nothing in the file.
constexpr sqlite3_module kModule = [] {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}();

}  // namespace

bool has_triggers(Connection& connection, std::string_view table) {
  // A failure must not be passed over: within a transaction SQLite may have ended that.
  Statement statement(connection,
                      "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1");
  return static_cast<bool>(statement.query(table));
}

void ValueSink::put_null() noexcept { sqlite3_result_null(context_); }

void ValueSink::put(std::int64_t value) noexcept { sqlite3_result_int64(context_, value); }

void ValueSink::put(double value) noexcept {
  if (std::isfinite(value))
    sqlite3_result_double(context_, value);
  else
    sqlite3_result_null(context_);
}

void ValueSink::put(std::string_view value) noexcept {
  // A null pointer would be SQL NULL, and '' is not NULL.
  sqlite3_result_text64(context_, value.data() != nullptr ? value.data() : "", value.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
}

void register_row_streams(sqlite3* database) {
  const int code = sqlite3_create_module(database, "sluice_rows", &kModule, nullptr);
  if (code != SQLITE_OK) throw make_store_error(database, code, "cannot register sluice_rows");
}

}  // namespace sluice
