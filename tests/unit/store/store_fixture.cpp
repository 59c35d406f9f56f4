#include "store_fixture.h"

#include <stdexcept>

#include <fmt/format.h>
#include <stdlib.h>

namespace sluice {
namespace {

std::string cell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return "NULL";
    case SQLITE_INTEGER:
      return std::to_string(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return fmt::format("{}", sqlite3_column_double(statement, column));
    default:
      return fmt::format("'{}'",
                         reinterpret_cast<const char*>(sqlite3_column_text(statement, column)));
  }
}

}  // namespace

StoreTest::StoreTest() {
  // In memory where the system has such a place: these tests sync often and none needs a disk.
  const std::filesystem::path memory = "/dev/shm";
  const auto base =
      std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string name = (base / "sluice-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = name;
}

StoreTest::~StoreTest() { std::filesystem::remove_all(directory_); }

std::unique_ptr<Connection> StoreTest::open_with_schema(const SchemaOptions& options) {
  auto connection = std::make_unique<Connection>(ConnectionOptions{path()});
  create_schema(*connection, options);
  return connection;
}

Rows StoreTest::rows(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(database), sql));
  Rows result;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(statement); ++i)
      line += (i > 0 ? "|" : "") + cell(statement, i);
    result.push_back(line);
  }
  sqlite3_finalize(statement);
  return result;
}

StatementsTest::StatementsTest()
    : connection_(open_with_schema()), statements_(std::make_unique<Statements>(*connection_)) {}

OtherProcess::OtherProcess(const std::string& path) {
  if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
}

void OtherProcess::execute(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(database_), sql));
}

}  // namespace sluice
