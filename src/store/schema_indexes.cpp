#include "store/schema_indexes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "store/connection.h"
#include "store/schema_tables.h"
#include "store/statement.h"
#include "store/store_error.h"

namespace sluice {
namespace {

/// Left by older versions; slow and of no use.
constexpr const char* kUnwantedIndexes[] = {"idx_tx_last_seen", "idx_client_recept_rxpk"};

/// While it lives, what runs on the connection can be ended from outside.
class Interruptible {
 public:
  Interruptible(Connection& connection, std::function<bool()> keep_going)
      : connection_(connection) {
    connection_.set_keep_going(std::move(keep_going));
  }
  ~Interruptible() { connection_.set_keep_going({}); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  Connection& connection_;
};

std::vector<std::string> present_indexes(Connection& connection) {
  Statement statement(connection, "SELECT name FROM sqlite_master WHERE type = 'index'");
  std::vector<std::string> names;
  auto row = statement.query();
  for (bool more = static_cast<bool>(row); more; more = row.next()) names.emplace_back(row.text(0));
  return names;
}

void build(Connection& connection, const IndexSpec& index, bool tell) {
  if (tell) log_info("database: building the index {} {}", index.name, index.definition);
  try {
    connection.execute(create_statement(index).c_str());
  } catch (const StoreError& error) {
    if (error.kind() != StoreErrorKind::kConstraint) throw;
    throw StoreError(StoreErrorKind::kUnusable, error.extended_code(),
                     fmt::format("{}: {}", connection.path(), duplicates_in_the_way(index)));
  }
  if (tell) log_info("database: built the index {}", index.name);
}

void drop(Connection& connection, const char* name, bool tell) {
  if (tell) log_info("database: dropping the index {}", name);
  connection.execute(fmt::format("DROP INDEX {}", name).c_str());
}

}  // namespace

void bring_indexes_up_to_date(Connection& connection, const IndexOptions& options) {
  const std::vector<std::string> present = present_indexes(connection);
  const auto is_there = [&](std::string_view name) {
    return std::find(present.begin(), present.end(), name) != present.end();
  };
  const Interruptible interruptible(connection, options.keep_going);
  for (const IndexSpec& index : indexes()) {
    const bool wanted = options.redundant || !index.redundant;
    if (wanted == is_there(index.name)) continue;
    if (wanted)
      build(connection, index, options.tell);
    else
      drop(connection, index.name, options.tell);
  }
  for (const char* name : kUnwantedIndexes)
    if (is_there(name)) drop(connection, name, options.tell);
}

}  // namespace sluice
