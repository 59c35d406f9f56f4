#include "store/schema_tables.h"

#include <fmt/format.h>

namespace sluice {
namespace {

// nodes and inactive_nodes share one list: the Go ingestor moves rows between them by position.
constexpr ColumnSpec kNodeColumns[] = {
    {"public_key", "TEXT PRIMARY KEY"},
    {"name", "TEXT"},
    {"role", "TEXT"},
    {"lat", "REAL"},
    {"lon", "REAL"},
    {"last_seen", "TEXT"},
    {"first_seen", "TEXT"},
    {"advert_count", "INTEGER DEFAULT 0"},
    {"battery_mv", "INTEGER"},
    {"temperature_c", "REAL"},
    {"foreign_advert", "INTEGER DEFAULT 0"},
    {"default_scope", "TEXT DEFAULT NULL"},
    {"multibyte_sup", "INTEGER NOT NULL DEFAULT 0"},
    {"multibyte_evidence", "TEXT"},
};

// No INTEGER PRIMARY KEY: observations.observer_idx is the implicit rowid, so a row must never be
// deleted and inserted anew.
constexpr ColumnSpec kObserverColumns[] = {
    {"id", "TEXT PRIMARY KEY"},
    {"name", "TEXT"},
    {"iata", "TEXT"},
    {"last_seen", "TEXT"},
    {"first_seen", "TEXT"},
    {"packet_count", "INTEGER DEFAULT 0"},
    {"model", "TEXT"},
    {"firmware", "TEXT"},
    {"client_version", "TEXT"},
    {"radio", "TEXT"},
    {"battery_mv", "INTEGER"},
    {"uptime_secs", "INTEGER"},
    {"noise_floor", "REAL"},
    {"inactive", "INTEGER DEFAULT 0"},
    {"last_packet_at", "TEXT DEFAULT NULL"},
    {"clock_skew_seconds", "INTEGER DEFAULT NULL"},
    {"clock_skew_count_24h", "INTEGER DEFAULT 0"},
    {"clock_last_naive_at", "TEXT DEFAULT NULL"},
    {"can_relay", "INTEGER DEFAULT 1"},
    {"can_relay_seen", "INTEGER DEFAULT 0"},
};

constexpr ColumnSpec kTransmissionColumns[] = {
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT"},
    {"raw_hex", "TEXT NOT NULL"},
    {"hash", "TEXT NOT NULL UNIQUE"},
    {"first_seen", "TEXT NOT NULL"},
    {"route_type", "INTEGER"},
    {"payload_type", "INTEGER"},
    {"payload_version", "INTEGER"},
    {"decoded_json", "TEXT"},
    {"from_pubkey", "TEXT"},
    {"last_seen", "INTEGER NOT NULL DEFAULT 0"},
    {"created_at", "TEXT DEFAULT (datetime('now'))"},
    {"channel_hash", "TEXT DEFAULT NULL"},
    {"scope_name", "TEXT DEFAULT NULL"},
};

constexpr ColumnSpec kObservationColumns[] = {
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT"},
    {"transmission_id", "INTEGER NOT NULL REFERENCES transmissions(id)"},
    {"observer_idx", "INTEGER"},
    {"direction", "TEXT"},
    {"snr", "REAL"},
    {"rssi", "REAL"},
    {"score", "INTEGER"},
    {"path_json", "TEXT"},
    {"timestamp", "INTEGER NOT NULL"},
    {"resolved_path", "TEXT"},
    {"raw_hex", "TEXT"},
};

constexpr ColumnSpec kMetricsColumns[] = {
    {"observer_id", "TEXT NOT NULL"}, {"timestamp", "TEXT NOT NULL"}, {"noise_floor", "REAL"},
    {"tx_air_secs", "INTEGER"},       {"rx_air_secs", "INTEGER"},     {"recv_errors", "INTEGER"},
    {"battery_mv", "INTEGER"},        {"packets_sent", "INTEGER"},    {"packets_recv", "INTEGER"},
};

constexpr ColumnSpec kDroppedPacketColumns[] = {
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT"},
    {"hash", "TEXT"},
    {"raw_hex", "TEXT"},
    {"reason", "TEXT NOT NULL"},
    {"observer_id", "TEXT"},
    {"observer_name", "TEXT"},
    {"node_pubkey", "TEXT"},
    {"node_name", "TEXT"},
    {"dropped_at", "DATETIME DEFAULT CURRENT_TIMESTAMP"},
};

constexpr ColumnSpec kNeighborEdgeColumns[] = {
    {"node_a", "TEXT NOT NULL"},
    {"node_b", "TEXT NOT NULL"},
    {"count", "INTEGER DEFAULT 1"},
    {"last_seen", "TEXT"},
};

constexpr ColumnSpec kClientReceptionColumns[] = {
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT"},
    {"rx_pubkey", "TEXT NOT NULL"},
    {"heard_key", "TEXT NOT NULL"},
    {"heard_keylen", "INTEGER NOT NULL"},
    {"rssi", "INTEGER"},
    {"snr", "REAL"},
    {"lat", "REAL NOT NULL"},
    {"lon", "REAL NOT NULL"},
    {"pos_acc_m", "REAL"},
    {"rx_at", "TEXT NOT NULL"},
    {"ingested_at", "TEXT NOT NULL"},
    {"src", "TEXT NOT NULL"},
};

constexpr ColumnSpec kClientObserverColumns[] = {
    {"pubkey", "TEXT PRIMARY KEY"},
    {"name", "TEXT"},
    {"last_seen", "TEXT"},
};

constexpr ColumnSpec kMigrationColumns[] = {
    {"name", "TEXT PRIMARY KEY"},
};

constexpr ColumnSpec kAsyncMigrationColumns[] = {
    {"name", "TEXT PRIMARY KEY"},
    {"status", "TEXT NOT NULL"},
    {"started_at", "TEXT NOT NULL DEFAULT (datetime('now'))"},
    {"ended_at", "TEXT"},
    {"error", "TEXT"},
};

constexpr TableSpec kSharedTables[] = {
    {"nodes", kNodeColumns, "", ""},
    {"inactive_nodes", kNodeColumns, "", ""},
    {"observers", kObserverColumns, "", ""},
    {"transmissions", kTransmissionColumns, "", ""},
    {"observations", kObservationColumns, "", ""},
    {"observer_metrics", kMetricsColumns, "PRIMARY KEY (observer_id, timestamp)", ""},
    {"dropped_packets", kDroppedPacketColumns, "", ""},
    {"neighbor_edges", kNeighborEdgeColumns, "PRIMARY KEY (node_a, node_b)", ""},
    {"client_receptions", kClientReceptionColumns, "UNIQUE (rx_pubkey, heard_key, rx_at)", ""},
    {"client_observers", kClientObserverColumns, "", ""},
    {"_migrations", kMigrationColumns, "", ""},
    {"_async_migrations", kAsyncMigrationColumns, "", ""},
};

constexpr ColumnSpec kMetaColumns[] = {
    {"key", "TEXT PRIMARY KEY NOT NULL"},
    {"value", "TEXT NOT NULL"},
};

constexpr ColumnSpec kPositionColumns[] = {
    {"journal_uuid", "TEXT PRIMARY KEY NOT NULL"},
    {"seq", "INTEGER NOT NULL"},
};

constexpr TableSpec kPrivateTables[] = {
    {"sluice_meta", kMetaColumns, "", "WITHOUT ROWID"},
    {"sluice_position", kPositionColumns, "", "WITHOUT ROWID"},
};

constexpr bool kUnique = true;
constexpr bool kRedundant = true;

constexpr IndexSpec kIndexes[] = {
    {"idx_nodes_last_seen", "ON nodes(last_seen)"},
    {"idx_nodes_foreign_advert", "ON nodes(foreign_advert) WHERE foreign_advert = 1"},
    {"idx_inactive_nodes_last_seen", "ON inactive_nodes(last_seen)"},
    {"idx_observers_last_seen", "ON observers(last_seen)"},
    {"idx_transmissions_hash", "ON transmissions(hash)", !kUnique, kRedundant},
    {"idx_transmissions_first_seen", "ON transmissions(first_seen)"},
    {"idx_transmissions_payload_type", "ON transmissions(payload_type)"},
    {"idx_transmissions_from_pubkey", "ON transmissions(from_pubkey)"},
    {"idx_tx_channel_hash", "ON transmissions(channel_hash) WHERE payload_type = 5"},
    {"idx_tx_scope_name", "ON transmissions(scope_name) WHERE scope_name IS NOT NULL"},
    {"idx_tx_last_seen_zero", "ON transmissions(id) WHERE last_seen = 0"},
    {"idx_observations_transmission_id", "ON observations(transmission_id)", !kUnique, kRedundant},
    {"idx_observations_observer_idx", "ON observations(observer_idx)", !kUnique, kRedundant},
    {"idx_observations_timestamp", "ON observations(timestamp)"},
    {"idx_observations_tx_ts", "ON observations(transmission_id, timestamp)"},
    {"idx_observations_observer_idx_timestamp", "ON observations(observer_idx, timestamp)"},
    {"idx_observations_dedup",
     "ON observations(transmission_id, observer_idx, COALESCE(path_json, ''))", kUnique,
     !kRedundant,
     // A NULL is equal to nothing.
     "SELECT EXISTS (SELECT 1 FROM observations"
     " WHERE transmission_id IS NOT NULL AND observer_idx IS NOT NULL"
     " GROUP BY transmission_id, observer_idx, COALESCE(path_json, '') HAVING count(*) > 1)"},
    {"idx_observer_metrics_timestamp", "ON observer_metrics(timestamp)"},
    {"idx_dropped_observer", "ON dropped_packets(observer_id)"},
    {"idx_dropped_node", "ON dropped_packets(node_pubkey)"},
    {"idx_client_recept_heard_geo", "ON client_receptions(heard_key, heard_keylen, lat, lon)"},
    {"idx_client_recept_latlon", "ON client_receptions(lat, lon)"},
    {"idx_client_recept_rxat", "ON client_receptions(rx_at)"},
};

}  // namespace

std::span<const TableSpec> shared_tables() noexcept { return kSharedTables; }
std::span<const TableSpec> private_tables() noexcept { return kPrivateTables; }
std::span<const IndexSpec> indexes() noexcept { return kIndexes; }

std::string create_statement(const TableSpec& table) {
  std::string body;
  for (const ColumnSpec& column : table.columns) {
    if (!body.empty()) body += ", ";
    body += fmt::format("{} {}", column.name, column.definition);
  }
  if (*table.constraints != '\0') body += fmt::format(", {}", table.constraints);
  return fmt::format("CREATE TABLE IF NOT EXISTS {} ({}) {}", table.name, body, table.options);
}

std::string create_statement(const IndexSpec& index) {
  return fmt::format("CREATE {}INDEX IF NOT EXISTS {} {}", index.unique ? "UNIQUE " : "",
                     index.name, index.definition);
}

std::string duplicates_in_the_way(const IndexSpec& index) {
  return fmt::format(
      "the unique index {} is missing and can't be made, since the table holds rows that repeat "
      "others; configs/README.md says how to remove them",
      index.name);
}

}  // namespace sluice
