#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "store/connection.h"
#include "store/schema.h"
#include "store/statements.h"
#include "store/store_error.h"

namespace sluice {

/// Midnight of 2024-05-01 UTC plus so many seconds.
inline WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(1714521600 + seconds));
}

using Rows = std::vector<std::string>;

/// A directory of its own for each test, and SQL in a form that fits one line of an expectation.
class StoreTest : public testing::Test {
 protected:
  StoreTest();
  ~StoreTest() override;

  [[nodiscard]] std::string path() const { return (directory_ / "sub" / "test.db").string(); }
  [[nodiscard]] std::filesystem::path directory() const { return directory_; }

  /// Opens path(), with the schema made.
  std::unique_ptr<Connection> open_with_schema(const SchemaOptions& options = {});

  /// One line per row, cells as SQL literals joined by `|`: `1|'text'|NULL`.
  static Rows rows(sqlite3* database, const std::string& sql);
  static Rows rows(const Connection& connection, const std::string& sql) {
    return rows(connection.handle(), sql);
  }

 private:
  std::filesystem::path directory_;
};

/// With a schema, the statements, and an open transaction that is never committed by itself.
class StatementsTest : public StoreTest {
 protected:
  StatementsTest();

  Rows rows(const std::string& sql) const { return StoreTest::rows(*connection_, sql); }

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Statements> statements_;
};

/// Another process, as far as SQLite can tell.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& path);
  ~OtherProcess() { sqlite3_close(database_); }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void execute(const std::string& sql);
  [[nodiscard]] sqlite3* handle() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

template <typename Call>
std::optional<StoreError> error_of(Call&& call) {
  try {
    call();
  } catch (const StoreError& error) {
    return error;
  }
  return std::nullopt;
}

template <typename Call>
std::optional<StoreErrorKind> error_kind_of(Call&& call) {
  const auto error = error_of(call);
  if (!error) return std::nullopt;
  return error->kind();
}

}  // namespace sluice
