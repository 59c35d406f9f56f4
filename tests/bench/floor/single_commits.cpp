#include "bench/floor/single_commits.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <sqlite3.h>

#include "bench/floor/run_meter.h"
#include "store/io_counter.h"

namespace sluice::bench {
namespace {

/// A connection as that ingestor opens it (contract 2.1).
class PlainDatabase {
 public:
  explicit PlainDatabase(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE, counting_vfs()) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
    execute("PRAGMA busy_timeout = 5000");
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA journal_mode = WAL");
  }
  ~PlainDatabase() { sqlite3_close(handle_); }
  PlainDatabase(const PlainDatabase&) = delete;
  PlainDatabase& operator=(const PlainDatabase&) = delete;

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

 private:
  void execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
  }

  sqlite3* handle_ = nullptr;
};

class PlainStatement {
 public:
  PlainStatement(const PlainDatabase& database, const char* sql) : database_(database.handle()) {
    if (sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) !=
        SQLITE_OK)
      throw std::runtime_error(fmt::format("{}: {}", sql, sqlite3_errmsg(database_)));
  }
  ~PlainStatement() { sqlite3_finalize(handle_); }
  PlainStatement(const PlainStatement&) = delete;
  PlainStatement& operator=(const PlainStatement&) = delete;

  /// Returns the first column of the first row, 0 if there is none.
  template <typename... Args>
  std::int64_t run(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
    std::int64_t value = 0;
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW)
      value = sqlite3_column_int64(handle_, 0);
    else if (code != SQLITE_DONE)
      throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_reset(handle_);
    return value;
  }

 private:
  void bind(int index, std::int64_t value) { sqlite3_bind_int64(handle_, index, value); }
  void bind(int index, const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::kNull:
        sqlite3_bind_null(handle_, index);
        return;
      case Cell::Kind::kInteger:
        sqlite3_bind_int64(handle_, index, cell.integer);
        return;
      case Cell::Kind::kReal:
        sqlite3_bind_double(handle_, index, cell.real);
        return;
      case Cell::Kind::kText:
        sqlite3_bind_text(handle_, index, cell.text.data(), static_cast<int>(cell.text.size()),
                          SQLITE_STATIC);
        return;
    }
  }

  sqlite3* database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// Finds cells by the name of their column.
class Columns {
 public:
  explicit Columns(const TableRows& rows) : rows_(rows) {}
  [[nodiscard]] std::size_t operator[](std::string_view name) const {
    const auto found = std::find(rows_.columns.begin(), rows_.columns.end(), name);
    if (found == rows_.columns.end())
      throw std::runtime_error(fmt::format("{} has no column {}", rows_.table, name));
    return static_cast<std::size_t>(found - rows_.columns.begin());
  }

 private:
  const TableRows& rows_;
};

const TableRows& table(const FinalRows& rows, std::string_view name) {
  return *std::find_if(rows.others.begin(), rows.others.end(),
                       [&](const TableRows& other) { return other.table == name; });
}

/// One packet after the other, as contract 3.4 and 3.6 have it.
class PacketWriter {
 public:
  PacketWriter(const PlainDatabase& database, const FinalRows& rows);
  void write(std::size_t observation);

 private:
  void upsert_node(const Cell& public_key, const Cell& seen);

  const FinalRows& rows_;
  const Columns transmission_columns_;
  const Columns observation_columns_;
  const std::size_t hash_, type_, pubkey_, first_seen_, observer_, timestamp_;
  std::unordered_map<std::string_view, const Cell*> nodes_;  // by public key

  PlainStatement find_, insert_, find_observer_, touch_observer_, insert_observation_, last_seen_,
      upsert_observer_, wake_observer_, upsert_node_, count_advert_;
};

PacketWriter::PacketWriter(const PlainDatabase& database, const FinalRows& rows)
    : rows_(rows),
      transmission_columns_(rows.transmissions),
      observation_columns_(rows.observations),
      hash_(transmission_columns_["hash"]),
      type_(transmission_columns_["payload_type"]),
      pubkey_(transmission_columns_["from_pubkey"]),
      first_seen_(transmission_columns_["first_seen"]),
      observer_(observation_columns_["observer_idx"]),
      timestamp_(observation_columns_["timestamp"]),
      find_(database, "SELECT id FROM transmissions WHERE hash = ?"),
      insert_(database,
              "INSERT INTO transmissions(raw_hex, hash, first_seen, route_type, payload_type,"
              " payload_version, decoded_json, from_pubkey, last_seen, channel_hash, scope_name)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      find_observer_(database, "SELECT rowid FROM observers WHERE id = ?"),
      touch_observer_(database,
                      "UPDATE observers SET last_seen = ?2, last_packet_at = ?2 WHERE rowid = ?1"),
      insert_observation_(
          database,
          "INSERT INTO observations(transmission_id, observer_idx, direction, snr, rssi, score,"
          " path_json, timestamp, resolved_path, raw_hex) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT(transmission_id, observer_idx, COALESCE(path_json, '')) DO UPDATE SET"
          " snr = COALESCE(excluded.snr, snr), rssi = COALESCE(excluded.rssi, rssi),"
          " score = COALESCE(excluded.score, score), raw_hex = COALESCE(excluded.raw_hex, raw_hex),"
          " resolved_path = COALESCE(excluded.resolved_path, resolved_path)"),
      last_seen_(database,
                 "UPDATE transmissions SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2"),
      upsert_observer_(
          database,
          "INSERT INTO observers(id, name, iata, last_seen, first_seen, packet_count)"
          " VALUES (?1, ?2, ?3, ?4, ?4, 1) ON CONFLICT(id) DO UPDATE SET name = excluded.name,"
          " iata = excluded.iata, last_seen = max(min(COALESCE(last_seen, ''), ?4), ?4),"
          " packet_count = packet_count + 1"),
      wake_observer_(database, "UPDATE observers SET inactive = 0 WHERE id = ? AND inactive = 1"),
      upsert_node_(database,
                   "INSERT INTO nodes(public_key, name, role, lat, lon, last_seen, first_seen)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT(public_key) DO UPDATE SET"
                   " name = excluded.name, role = excluded.role, lat = COALESCE(excluded.lat, lat),"
                   " lon = COALESCE(excluded.lon, lon),"
                   " last_seen = max(min(COALESCE(last_seen, ''), ?6), ?6)"),
      count_advert_(database,
                    "UPDATE nodes SET advert_count = advert_count + 1 WHERE public_key = ?") {
  const TableRows& nodes = table(rows, "nodes");
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes_[nodes.row(i)[0].text] = nodes.row(i);
}

void PacketWriter::write(std::size_t observation) {
  const Cell* row = rows_.observations.row(observation);
  const auto index = static_cast<std::size_t>(rows_.transmission_of[observation]);
  const Cell* sent = rows_.transmissions.row(index);
  const Cell& seen = sent[first_seen_];

  std::int64_t id = find_.run(sent[hash_]);
  const bool is_new = id == 0;
  if (is_new) {
    const Columns& at = transmission_columns_;
    insert_.run(sent[at["raw_hex"]], sent[hash_], seen, sent[at["route_type"]], sent[type_],
                sent[at["payload_version"]], sent[at["decoded_json"]], sent[pubkey_],
                row[timestamp_], sent[at["channel_hash"]], sent[at["scope_name"]]);
    id = find_.run(sent[hash_]);
  }
  const std::string_view* observer = rows_.observer_id(row[observer_].integer);
  std::int64_t observer_row = 0;
  Cell observer_id;
  if (observer != nullptr) {
    observer_id = {.kind = Cell::Kind::kText, .text = *observer};
    observer_row = find_observer_.run(observer_id);
    if (observer_row != 0) touch_observer_.run(observer_row, seen);
  }
  const Columns& at = observation_columns_;
  const Cell link = observer_row == 0
                        ? Cell{}
                        : Cell{.kind = Cell::Kind::kInteger, .integer = observer_row, .text = {}};
  insert_observation_.run(id, link, row[at["direction"]], row[at["snr"]], row[at["rssi"]],
                          row[at["score"]], row[at["path_json"]], row[timestamp_],
                          row[at["resolved_path"]], row[at["raw_hex"]]);
  last_seen_.run(id, row[timestamp_]);
  if (sent[type_].integer == 4 && sent[pubkey_].kind == Cell::Kind::kText) {
    upsert_node(sent[pubkey_], seen);
    if (is_new) count_advert_.run(sent[pubkey_]);
  }
  if (observer == nullptr) return;
  upsert_observer_.run(observer_id, observer_id, observer_id, seen);
  wake_observer_.run(observer_id);
}

void PacketWriter::upsert_node(const Cell& public_key, const Cell& seen) {
  const auto known = nodes_.find(public_key.text);
  if (known == nodes_.end()) return;
  const Cell* node = known->second;  // public_key, name, role, lat, lon
  upsert_node_.run(node[0], node[1], node[2], node[3], node[4], seen);
}

}  // namespace

RunFigures run_single_commits(const std::string& path, const FinalRows& rows, std::uint64_t most) {
  const PlainDatabase database(path);
  PacketWriter writer(database, rows);
  RunFigures figures;
  const RunMeter meter;
  const double cpu = thread_cpu_seconds();
  for (std::size_t i = 0; i < rows.observations.size() && figures.observations < most; ++i) {
    if (rows.transmission_of[i] < 0) continue;
    writer.write(i);
    ++figures.observations;
  }
  figures.writer_cpu_seconds = thread_cpu_seconds() - cpu;
  meter.finish(figures);
  figures.packets = figures.observations;
  figures.statements = executed_statements(database.handle());
  return figures;
}

}  // namespace sluice::bench
