#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sluice {

class Connection;

struct SchemaOptions {
  /// Region keys are configured: the one-shot backfill of default scopes counts as done on a fresh
  /// file (contract 2.3).
  bool region_keys = false;
  /// False drops the three indexes that others cover: rows go in 1.3 to 2 times faster, but tools
  /// of CoreScope's may name them.
  bool redundant_indexes = true;
  /// Asked many times a second while an index is built, which on a large file takes minutes: false
  /// ends that with kInterrupted, and nothing has changed. Empty: nobody wants to end it.
  std::function<bool()> keep_going = {};
};

/// What this particular file has beyond the common schema.
struct SchemaFeatures {
  bool code1 = false;  ///< transmissions.code1: the first transport code
  bool code2 = false;  ///< … and the second
};

/// Makes a fresh file into the one that CoreScope's ingestor would have left after its first start
/// (contract 2.2, 2.3), and an existing one usable: the view is recreated, missing indexes are
/// made, unwanted ones dropped, our private tables added, the rest left as it is. One transaction.
/// Throws StoreError kUnusable, naming what is missing, when an existing file lacks a table or
/// column. On an existing file each index that is built or dropped is a line in the log.
void create_schema(Connection& connection, const SchemaOptions& options = {});

/// `table nodes` for a missing table, `nodes.default_scope` for a missing column; empty when all
/// is there.
[[nodiscard]] std::vector<std::string> missing_columns(Connection& connection);

[[nodiscard]] SchemaFeatures schema_features(Connection& connection);

/// The identity that create_schema() gave the file: 32 hex digits. A journal names the database
/// that it feeds by it.
[[nodiscard]] std::string database_uuid(Connection& connection);

}  // namespace sluice
