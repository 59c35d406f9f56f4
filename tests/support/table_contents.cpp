#include "support/table_contents.h"

#include <array>

namespace sluice::test {
namespace {

struct Table {
  const char* name;
  const char* query;
};

constexpr std::array kTables{
    Table{"transmissions",
          "SELECT hash, raw_hex, first_seen, route_type, payload_type, payload_version,"
          " decoded_json, from_pubkey, last_seen, created_at, channel_hash, scope_name"
          " FROM transmissions ORDER BY id"},
    Table{"observations",
          "SELECT t.hash, o.id, x.direction, x.snr, x.rssi, x.score, x.path_json, x.timestamp,"
          " x.resolved_path, x.raw_hex FROM observations x"
          " JOIN transmissions t ON t.id = x.transmission_id"
          " LEFT JOIN observers o ON o.rowid = x.observer_idx ORDER BY x.id"},
    Table{"observers", "SELECT * FROM observers ORDER BY id"},
    Table{"observer_metrics", "SELECT * FROM observer_metrics ORDER BY observer_id, timestamp"},
    Table{"nodes", "SELECT * FROM nodes ORDER BY public_key"},
    Table{"dropped_packets",
          "SELECT hash, raw_hex, reason, observer_id, observer_name, node_pubkey, node_name,"
          " dropped_at FROM dropped_packets ORDER BY id"},
    Table{"client_receptions",
          "SELECT rx_pubkey, heard_key, heard_keylen, rssi, snr, lat, lon, pos_acc_m, rx_at,"
          " ingested_at, src FROM client_receptions ORDER BY id"},
    Table{"client_observers", "SELECT * FROM client_observers ORDER BY pubkey"},
};

}  // namespace

std::vector<std::string> table_contents(const OtherConnection& database) {
  std::vector<std::string> lines;
  for (const Table& table : kTables) {
    for (const std::string& row : database.rows(table.query)) {
      std::string line = table.name;
      line += ": ";
      line += row;
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace sluice::test
