#include "store/client_statements.h"

#include <sqlite3.h>

#include "base/timestamp_text.h"
#include "store/connection.h"

namespace sluice {

ClientStatements::ClientStatements(Connection& connection)
    : connection_(&connection),
      insert_(connection,
              "INSERT INTO client_receptions(rx_pubkey, heard_key, heard_keylen, rssi, snr, lat,"
              " lon, pos_acc_m, rx_at, ingested_at, src)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
              " ON CONFLICT(rx_pubkey, heard_key, rx_at) DO NOTHING"),
      note_observer_(connection,
                     "INSERT INTO client_observers(pubkey, name, last_seen) VALUES (?1, ?2, ?3)"
                     " ON CONFLICT(pubkey) DO UPDATE SET name = excluded.name,"
                     " last_seen = excluded.last_seen") {}

bool ClientStatements::insert(const ClientReceptionRow& row) {
  const std::string_view source = row.from_advert ? "advert" : "rxlog";
  insert_.run(row.rx_pubkey, row.heard_key, row.heard_keylen, row.rssi, row.snr, row.lat, row.lon,
              row.accuracy_m, TimestampText(row.heard).view(), TimestampText(row.received).view(),
              source);
  return sqlite3_changes(connection_->handle()) > 0;
}

void ClientStatements::note_observer(std::string_view pubkey, std::string_view name,
                                     WallTime seen) {
  note_observer_.run(pubkey, name, TimestampText(seen).view());
}

}  // namespace sluice
