#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

struct sqlite3;
struct sqlite3_context;

namespace sluice {

class Connection;

/// Where a RowStream puts a value that SQLite has asked for. A text is not copied: it must stay
/// where it is until the stream is asked for the next row.
///
/// Thread: bound(write).
class ValueSink {
 public:
  explicit ValueSink(sqlite3_context* context) noexcept : context_(context) {}

  void put_null() noexcept;
  void put(std::int64_t value) noexcept;
  /// What is not finite becomes NULL, as in Statement.
  void put(double value) noexcept;
  void put(std::string_view value) noexcept;
  template <typename T>
  void put(const std::optional<T>& value) noexcept {
    if (value)
      put(*value);
    else
      put_null();
  }

 private:
  sqlite3_context* context_;
};

/// Whether a table has triggers: another program's, since ours have none. SQLite then reads all
/// rows of a stream before it writes the first, so next() can't tell what became of the one before.
/// Throws StoreError.
[[nodiscard]] bool has_triggers(Connection& connection, std::string_view table);

/// The rows that one `INSERT … SELECT … FROM sluice_rows(?1)` takes. SQLite comes for them itself,
/// so its cursors stay open, and where they are, from one row to the next: a quarter less work than
/// a statement per row.
///
/// Thread: bound(write).
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// Moves on to the next row, the first one included; false at the end. The row before it is in
  /// the table by now.
  [[nodiscard]] virtual bool next() noexcept = 0;
  /// Column `index` of the current row, from 0: `c0`, `c1`, … in SQL.
  virtual void column(int index, ValueSink& sink) const noexcept = 0;
};

/// Makes the table-valued function `sluice_rows(stream)` known to a connection. It has the columns
/// c0 to c15. Throws StoreError.
void register_row_streams(sqlite3* database);

/// The type that a RowStream's pointer is bound with.
inline constexpr const char* kRowStreamPointer = "sluice-row-stream";

}  // namespace sluice
