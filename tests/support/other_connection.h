#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace sluice::test {

/// Another process, as far as SQLite can tell: a connection of its own to the same file. Unless
/// said otherwise it never waits for a lock.
class OtherConnection {
 public:
  explicit OtherConnection(const std::string& path);
  ~OtherConnection();
  OtherConnection(const OtherConnection&) = delete;
  OtherConnection& operator=(const OtherConnection&) = delete;

  /// One line per row, cells joined by `|`, NULL spelt out. Throws std::runtime_error.
  [[nodiscard]] std::vector<std::string> rows(const std::string& sql) const;
  /// The first cell of the first row.
  [[nodiscard]] std::string value(const std::string& sql) const;
  [[nodiscard]] std::int64_t count(const std::string& table) const;

  /// Throws std::runtime_error with SQLite's words.
  void execute(const std::string& sql) const;
  /// False when the statement met a lock.
  [[nodiscard]] bool try_execute(const std::string& sql) const;
  /// BEGIN IMMEDIATE, once a running Sluice that may have the lock gives it back: for up to a
  /// minute. Throws std::runtime_error with SQLite's words.
  void take_write_lock() const;

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace sluice::test
