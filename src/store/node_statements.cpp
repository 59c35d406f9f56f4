#include "store/node_statements.h"

#include <sqlite3.h>

#include "base/timestamp_text.h"
#include "store/connection.h"

namespace sluice {

NodeStatements::NodeStatements(Connection& connection)
    : connection_(&connection),
      upsert_(connection,
              "INSERT INTO nodes(public_key, name, role, lat, lon, last_seen, first_seen,"
              " advert_count, battery_mv, temperature_c, foreign_advert)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
              " ON CONFLICT(public_key) DO UPDATE SET"
              " name = CASE WHEN excluded.name <> '' OR name IS NULL THEN excluded.name"
              "   ELSE name END,"
              " role = excluded.role,"
              " lat = COALESCE(excluded.lat, lat), lon = COALESCE(excluded.lon, lon),"
              " last_seen = max(min(COALESCE(last_seen, ''), ?12), excluded.last_seen),"
              " advert_count = COALESCE(advert_count, 0) + excluded.advert_count,"
              " battery_mv = COALESCE(excluded.battery_mv, battery_mv),"
              " temperature_c = COALESCE(excluded.temperature_c, temperature_c),"
              " foreign_advert = CASE WHEN ?11 THEN 1 ELSE foreign_advert END"),
      set_scope_(connection,
                 "UPDATE nodes SET default_scope = ?2"
                 " WHERE public_key = ?1 AND default_scope IS NOT ?2"),
      set_inactive_scope_(connection,
                          "UPDATE inactive_nodes SET default_scope = ?2 WHERE public_key = ?1") {}

void NodeStatements::upsert(const NodeUpdate& update) {
  const TimestampText seen(update.seen);
  const TimestampText first_seen(update.first_seen.value_or(update.seen));
  const TimestampText clock_now(update.clock_now);
  upsert_.run(update.public_key, update.name, update.role, update.lat, update.lon, seen.view(),
              first_seen.view(), update.new_adverts, update.battery_mv, update.temperature_c,
              update.foreign, clock_now.view());
  if (!update.default_scope || update.default_scope->empty()) return;
  set_scope_.run(update.public_key, update.default_scope);
  // The inactive row follows only when the active one had another scope, be it for a moment.
  if (update.scope_changed || sqlite3_changes(connection_->handle()) > 0)
    set_inactive_scope_.run(update.public_key, update.default_scope);
}

}  // namespace sluice
