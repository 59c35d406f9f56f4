#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice {

/// Somebody else's database, for looking only. Each query is short, so that no reader of ours keeps
/// a write-ahead log from being emptied.
///
/// Thread: bound(its user).
class ReadOnlyDatabase {
 public:
  /// Throws std::runtime_error when there is none or it can't be read.
  explicit ReadOnlyDatabase(const std::string& path);
  ~ReadOnlyDatabase();
  ReadOnlyDatabase(const ReadOnlyDatabase&) = delete;
  ReadOnlyDatabase& operator=(const ReadOnlyDatabase&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// A query that is used again and again. Must be gone before its database.
///
/// Thread: bound(its user).
class ReadQuery {
 public:
  /// Throws std::runtime_error, e.g. when a table is missing.
  ReadQuery(const ReadOnlyDatabase& database, std::string_view sql);

  /// Places count from 1. A text must live until finish().
  ReadQuery& bind(int place, std::int64_t value);
  ReadQuery& bind(int place, std::string_view value);
  /// False at the end. Throws std::runtime_error; a database that stays locked for longer than we
  /// wait is an error too.
  [[nodiscard]] bool step();
  /// Ends the read, so that the next bind() may follow.
  void finish() noexcept;

  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  const ReadOnlyDatabase& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace sluice
