#include "store/schema.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/connection.h"
#include "store/schema_indexes.h"
#include "store/schema_tables.h"
#include "store/statement.h"
#include "store/store_error.h"

namespace sluice {
namespace {

/// Markers of upgrade steps that a fresh file needs no more, in the order in which the Go ingestor
/// leaves them: switching back to it must be a no-op.
constexpr const char* kMigrations[] = {
    "advert_count_unique_v1",
    "noise_floor_real_v1",
    "node_telemetry_v1",
    "obs_timestamp_index_v1",
    "observer_metrics_v1",
    "observer_metrics_ts_idx",
    "observers_inactive_v1",
    "observer_metrics_packets_v1",
    "channel_hash_v1",
    "dropped_packets_v1",
    "observers_last_packet_at_v1",
    "observers_clock_naive_v1",
    "cleanup_legacy_null_hash_ts",
    "foreign_advert_v1",
    "from_pubkey_v1",
    "channel_hash_casing_v1",
    "scope_name_v1",
    "nodes_default_scope_v1",
    "observations_raw_hex_v1",
    "obs_observer_ts_idx_v1",
    "backfill_path_json_from_raw_hex_v1",
};
constexpr const char* kDefaultScopeMigration = "backfill_default_scope_v1";
constexpr const char* kAsyncMigrations[] = {"obs_observer_ts_idx_v1", "tx_last_seen_backfill_v1"};

constexpr char kRecreateView[] =
    "DROP VIEW IF EXISTS packets_v;"
    "CREATE VIEW packets_v AS "
    "SELECT o.id AS id, COALESCE(o.raw_hex, t.raw_hex) AS raw_hex,"
    " datetime(o.timestamp, 'unixepoch') AS timestamp,"
    " r.id AS observer_id, r.name AS observer_name,"
    " o.direction AS direction, o.snr AS snr, o.rssi AS rssi, o.score AS score,"
    " t.hash AS hash, t.route_type AS route_type, t.payload_type AS payload_type,"
    " t.payload_version AS payload_version, o.path_json AS path_json,"
    " t.decoded_json AS decoded_json, t.created_at AS created_at "
    "FROM observations o"
    " JOIN transmissions t ON t.id = o.transmission_id"
    " LEFT JOIN observers r ON r.rowid = o.observer_idx AND COALESCE(r.inactive, 0) = 0";

std::vector<std::string> first_column(Statement& statement, std::string_view argument) {
  std::vector<std::string> values;
  auto row = statement.query(argument);
  for (bool more = static_cast<bool>(row); more; more = row.next())
    values.emplace_back(row.text(0));
  return values;
}

std::vector<std::string> columns_of(Connection& connection, const char* table) {
  Statement statement(connection, "SELECT name FROM pragma_table_info(?1)");
  return first_column(statement, table);
}

bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool is_fresh(Connection& connection) {
  Statement tables(connection,
                   "SELECT 1 FROM sqlite_master WHERE type = 'table'"
                   " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                   " AND name NOT LIKE 'sluice\\_%' ESCAPE '\\'");
  return !tables.query();
}

void refuse_when_incomplete(Connection& connection) {
  const auto missing = missing_columns(connection);
  if (missing.empty()) return;
  throw StoreError(
      StoreErrorKind::kUnusable, 0,
      fmt::format("{} lacks {}: the file of an older CoreScope ingestor, or of another "
                  "program; start a current CoreScope ingestor on it once to upgrade",
                  connection.path(), fmt::join(missing, ", ")));
}

void record_migrations(Connection& connection, bool region_keys) {
  Statement marker(connection, "INSERT INTO _migrations(name) VALUES (?1)");
  for (const char* name : kMigrations) marker.run(std::string_view(name));
  if (region_keys) marker.run(std::string_view(kDefaultScopeMigration));
  Statement async_marker(connection,
                         "INSERT INTO _async_migrations(name, status, ended_at)"
                         " VALUES (?1, 'done', datetime('now'))");
  for (const char* name : kAsyncMigrations) async_marker.run(std::string_view(name));
}

void create_private_tables(Connection& connection) {
  for (const TableSpec& table : private_tables())
    connection.execute(create_statement(table).c_str());
  connection.execute(
      "INSERT INTO sluice_meta(key, value) VALUES ('database_uuid', lower(hex(randomblob(16))))"
      " ON CONFLICT(key) DO NOTHING");
}

}  // namespace

void create_schema(Connection& connection, const SchemaOptions& options) {
  connection.begin_immediate();
  try {
    const bool fresh = is_fresh(connection);
    if (fresh) {
      for (const TableSpec& table : shared_tables())
        connection.execute(create_statement(table).c_str());
      record_migrations(connection, options.region_keys);
    } else {
      refuse_when_incomplete(connection);
    }
    bring_indexes_up_to_date(
        connection,
        {.redundant = options.redundant_indexes, .tell = !fresh, .keep_going = options.keep_going});
    connection.execute(kRecreateView);
    create_private_tables(connection);
    connection.commit();
  } catch (...) {
    connection.rollback();
    throw;
  }
}

std::vector<std::string> missing_columns(Connection& connection) {
  std::vector<std::string> missing;
  for (const TableSpec& table : shared_tables()) {
    const auto present = columns_of(connection, table.name);
    if (present.empty()) {
      missing.push_back(fmt::format("table {}", table.name));
      continue;
    }
    for (const ColumnSpec& column : table.columns)
      if (!contains(present, column.name))
        missing.push_back(fmt::format("{}.{}", table.name, column.name));
  }
  return missing;
}

SchemaFeatures schema_features(Connection& connection) {
  const auto columns = columns_of(connection, "transmissions");
  return {.code1 = contains(columns, "code1"), .code2 = contains(columns, "code2")};
}

std::string database_uuid(Connection& connection) {
  Statement statement(connection, "SELECT value FROM sluice_meta WHERE key = 'database_uuid'");
  const auto row = statement.query();
  if (!row)
    throw StoreError(StoreErrorKind::kUnusable, 0,
                     fmt::format("{} has no identity in sluice_meta", connection.path()));
  return std::string(row.text(0));
}

}  // namespace sluice
