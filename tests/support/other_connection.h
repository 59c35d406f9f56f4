#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace sluice::test {

/// Another process, as far as SQLite can tell: a connection of its own to the same file, that never
/// waits for a lock.
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

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace sluice::test
