#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

struct sqlite3_stmt;

namespace sluice {

class Connection;
class RowStream;

/// One prepared statement. SQLiteCpp's own can bind a text without copying it only when it is a
/// std::string or ends in NUL; rows here are views into the journal, so this one goes to the C
/// interface: text is bound in place and must live until the call returns.
///
/// Every call leaves the statement reset, also when it throws, so that a window can be retried
/// after a rollback. Must be destroyed before its Connection.
///
/// Thread: bound(write), checked through the Connection.
class Statement {
 public:
  /// Throws StoreError, e.g. when a table or column is missing.
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  /// Binds the arguments to ?1, ?2, ... and runs to the end. Throws StoreError.
  template <typename... Args>
  void run(const Args&... args) {
    bind_all(args...);
    run_bound();
  }

  /// What a query() found; the statement is reset when this goes out of scope.
  class Row {
   public:
    explicit Row(Statement* statement) noexcept : statement_(statement) {}
    ~Row() {
      if (statement_ != nullptr) statement_->reset();
    }
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;

    [[nodiscard]] explicit operator bool() const noexcept { return statement_ != nullptr; }
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    /// Lives as long as the Row; '' for NULL.
    [[nodiscard]] std::string_view text(int column) const noexcept;
    /// Moves on to the next row; false at the end. Throws StoreError.
    bool next();

   private:
    Statement* statement_;
  };

  /// Binds and steps to the first row; the result is false when there is none. Throws StoreError.
  template <typename... Args>
  [[nodiscard]] Row query(const Args&... args) {
    bind_all(args...);
    return Row(step() ? this : nullptr);
  }

 private:
  template <typename... Args>
  void bind_all(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
  }

  template <std::integral T>
  void bind(int index, T value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value)
      bind(index, *value);
    else
      bind_null(index);
  }
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, RowStream* rows);
  void bind_integer(int index, std::int64_t value);
  void bind_null(int index);

  /// True on a row. At the end, and on an error, the statement is reset.
  bool step();
  void run_bound();
  void reset() noexcept;
  [[noreturn]] void fail(int code, std::string_view doing);

  Connection* connection_;
  sqlite3_stmt* handle_;
};

}  // namespace sluice
