#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace sluice::test {

/// CoreScope's server, as far as the database notices: a connection that only reads, which asks
/// every second for rows with ids above those that it has seen (contract 2.5).
///
/// Thread: bound to its user.
class CoreScopeServer {
 public:
  /// Throws std::runtime_error when there is no such file.
  explicit CoreScopeServer(const std::string& path);
  ~CoreScopeServer();
  CoreScopeServer(const CoreScopeServer&) = delete;
  CoreScopeServer& operator=(const CoreScopeServer&) = delete;

  /// What it exits with 1 for at its start: the tables and columns that are not there.
  [[nodiscard]] std::vector<std::string> startup_complaints();

  struct Poll {
    std::vector<std::int64_t> transmissions;  ///< new ones, by id
    std::vector<std::int64_t> observations;   ///< new ones, by id
    std::vector<std::int64_t> bare;           ///< new transmissions without any observation
    std::vector<std::int64_t> orphans;        ///< new observations of a transmission it never saw
  };
  /// Both queries in one snapshot, so that nothing is blamed on the time between them.
  [[nodiscard]] Poll poll();

  /// One line per row, cells joined by `|`, NULL spelt out. Throws std::runtime_error.
  [[nodiscard]] std::vector<std::string> rows(const std::string& sql);
  /// The first cell of the first row.
  [[nodiscard]] std::string value(const std::string& sql) { return rows(sql).at(0); }
  /// SQLite's extended result code.
  [[nodiscard]] int try_to_write(const std::string& sql);

  static constexpr const char* kNewTransmissions =
      "SELECT t.id, t.raw_hex, t.hash, t.first_seen, t.route_type, t.payload_type, t.decoded_json,"
      " o.id, o.observer_idx, o.snr, o.rssi, o.path_json, o.timestamp, obs.id, obs.name"
      " FROM transmissions t LEFT JOIN observations o ON o.transmission_id = t.id"
      " LEFT JOIN observers obs ON obs.rowid = o.observer_idx"
      " WHERE t.id IN (SELECT id FROM transmissions WHERE id > {} ORDER BY id LIMIT 100)"
      " ORDER BY t.id, o.id";
  static constexpr const char* kNewObservations =
      "SELECT o.id, o.transmission_id FROM observations o JOIN transmissions t"
      " ON t.id = o.transmission_id WHERE o.id > {} ORDER BY o.id LIMIT 500";

 private:
  sqlite3* database_ = nullptr;
  std::int64_t last_transmission_ = 0;
  std::int64_t last_observation_ = 0;
};

}  // namespace sluice::test
