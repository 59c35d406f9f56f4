#include "store/observation_statements.h"

#include <sqlite3.h>

#include "base/timestamp_text.h"
#include "store/connection.h"

namespace sluice {

ObservationStatements::ObservationStatements(Connection& connection)
    : connection_(&connection),
      upsert_(connection,
              "INSERT INTO observations(transmission_id, observer_idx, direction, snr, rssi, score,"
              " path_json, timestamp, resolved_path, raw_hex)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
              " ON CONFLICT(transmission_id, observer_idx, COALESCE(path_json, '')) DO UPDATE SET"
              " snr = COALESCE(excluded.snr, snr), rssi = COALESCE(excluded.rssi, rssi),"
              " score = COALESCE(excluded.score, score),"
              " resolved_path = COALESCE(excluded.resolved_path, resolved_path),"
              " raw_hex = COALESCE(excluded.raw_hex, raw_hex)") {}

ObservationStatements::Outcome ObservationStatements::upsert(const ObservationRow& row) {
  // Only an insert sets the last rowid, so clearing it first tells the two apart at no cost.
  sqlite3* database = connection_->handle();
  sqlite3_set_last_insert_rowid(database, 0);
  upsert_.run(row.transmission_id, row.observer_idx, row.direction, row.snr, row.rssi, row.score,
              row.path_json, epoch_seconds(row.received), row.resolved_path, row.raw_hex);
  return sqlite3_last_insert_rowid(database) != 0 ? Outcome::kInserted : Outcome::kMerged;
}

}  // namespace sluice
