#include "store/observer_statements.h"

#include <chrono>
#include <string>

#include <sqlite3.h>

#include "base/text.h"
#include "base/timestamp_text.h"
#include "store/connection.h"

namespace sluice {
namespace {

using std::chrono::hours;

constexpr std::string_view kUpsert =
    "INSERT INTO observers(id, name, iata, last_seen, first_seen, packet_count,"
    " model, firmware, client_version, radio, battery_mv, uptime_secs, noise_floor,"
    " can_relay, can_relay_seen, last_packet_at,"
    " clock_skew_seconds, clock_skew_count_24h, clock_last_naive_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
    " COALESCE(?14, 1), ?14 IS NOT NULL, ?15, ?16, COALESCE(?17, 0), ?18)"
    " ON CONFLICT(id) DO UPDATE SET"
    " name = CASE WHEN excluded.name <> '' OR name IS NULL THEN excluded.name ELSE name END,"
    " iata = CASE WHEN excluded.iata <> '' OR iata IS NULL THEN excluded.iata ELSE iata END,"
    " last_seen = CASE WHEN ?20"
    "   THEN max(min(COALESCE(last_seen, ''), ?19), excluded.last_seen) ELSE last_seen END,"
    " packet_count = COALESCE(packet_count, 0) + excluded.packet_count,"
    " model = COALESCE(?7, model), firmware = COALESCE(?8, firmware),"
    " client_version = COALESCE(?9, client_version), radio = COALESCE(?10, radio),"
    " battery_mv = COALESCE(?11, battery_mv), uptime_secs = COALESCE(?12, uptime_secs),"
    " noise_floor = COALESCE(?13, noise_floor),"
    " inactive = CASE WHEN ?20 AND inactive = 1 THEN 0 ELSE inactive END,"
    " can_relay = COALESCE(?14, can_relay),"
    " can_relay_seen = CASE WHEN ?14 IS NULL THEN can_relay_seen ELSE 1 END,"
    " last_packet_at = CASE WHEN ?15 IS NULL THEN last_packet_at"
    "   ELSE max(min(COALESCE(last_packet_at, ''), ?19), ?15) END,"
    " clock_skew_seconds = COALESCE(?16, clock_skew_seconds),"
    " clock_skew_count_24h = CASE WHEN ?17 IS NULL THEN clock_skew_count_24h"
    "   WHEN clock_last_naive_at IS NULL OR clock_last_naive_at < ?21 THEN ?17"
    "   ELSE COALESCE(clock_skew_count_24h, 0) + ?17 END,"
    " clock_last_naive_at = CASE WHEN ?18 IS NULL THEN clock_last_naive_at"
    "   ELSE max(min(COALESCE(clock_last_naive_at, ''), ?19), ?18) END";

constexpr std::string_view kUpdateKnown =
    "UPDATE observers SET"
    " name = CASE WHEN ?2 <> '' OR name IS NULL THEN ?2 ELSE name END,"
    " iata = CASE WHEN ?3 <> '' OR iata IS NULL THEN ?3 ELSE iata END,"
    " model = COALESCE(?4, model), firmware = COALESCE(?5, firmware),"
    " client_version = COALESCE(?6, client_version), radio = COALESCE(?7, radio),"
    " battery_mv = COALESCE(?8, battery_mv), uptime_secs = COALESCE(?9, uptime_secs),"
    " noise_floor = COALESCE(?10, noise_floor), can_relay = COALESCE(?11, can_relay),"
    " can_relay_seen = CASE WHEN ?11 IS NULL THEN can_relay_seen ELSE 1 END"
    " WHERE id = ?1";

constexpr std::string_view kTouchKnown =
    "UPDATE observers SET"
    " last_seen = max(min(COALESCE(last_seen, ''), ?3), ?2),"
    " last_packet_at = max(min(COALESCE(last_packet_at, ''), ?3), ?2)"
    " WHERE id = ?1";

/// Once per observer and window, so a string does no harm.
std::string normal_iata(std::string_view iata) { return upper_cased(trim_space(iata)); }

/// A time column that may stay NULL, kept alive for the statement's call.
class OptionalTimestamp {
 public:
  explicit OptionalTimestamp(std::optional<WallTime> time) noexcept {
    if (time) text_.emplace(*time);
  }
  [[nodiscard]] std::optional<std::string_view> view() const noexcept {
    if (!text_) return std::nullopt;
    return text_->view();
  }

 private:
  std::optional<TimestampText> text_;
};

}  // namespace

ObserverStatements::ObserverStatements(Connection& connection)
    : connection_(&connection),
      find_(connection, "SELECT rowid FROM observers WHERE id = ?1"),
      upsert_(connection, kUpsert),
      update_known_(connection, kUpdateKnown),
      touch_known_(connection, kTouchKnown) {}

std::optional<std::int64_t> ObserverStatements::find(std::string_view id) {
  const auto row = find_.query(id);
  if (!row) return std::nullopt;
  return row.integer(0);
}

std::int64_t ObserverStatements::upsert(const ObserverUpdate& update) {
  const std::string iata = normal_iata(update.iata);
  const TimestampText seen(update.seen);
  const TimestampText clock_now(update.clock_now);
  std::optional<WallTime> first = update.first_seen.value_or(update.seen);
  if (update.first_seen_unknown) first.reset();
  const OptionalTimestamp first_seen(first);
  const OptionalTimestamp last_packet(update.last_packet);

  std::optional<std::int64_t> skew;
  std::optional<std::int64_t> naive_events;
  std::optional<WallTime> naive_at;
  std::optional<WallTime> naive_horizon;
  if (const auto& naive = update.naive_clock) {
    skew = naive->skew_seconds;
    naive_events = naive->events;
    naive_at = naive->latest;
    naive_horizon = naive->first - hours(24);
  }
  const OptionalTimestamp naive_text(naive_at);
  const OptionalTimestamp horizon_text(naive_horizon);

  const ObserverStatus& status = update.status;
  // Only an insert sets the last rowid. A RETURNING clause would tell in both cases, but costs a
  // temporary table for each observer.
  sqlite3* database = connection_->handle();
  sqlite3_set_last_insert_rowid(database, 0);
  upsert_.run(update.id, update.name, std::string_view(iata), seen.view(), first_seen.view(),
              update.contacts, status.model, status.firmware, status.client_version, status.radio,
              status.battery_mv, status.uptime_secs, status.noise_floor, status.can_relay,
              last_packet.view(), skew, naive_events, naive_text.view(), clock_now.view(),
              update.contact, horizon_text.view());
  if (const std::int64_t inserted = sqlite3_last_insert_rowid(database); inserted != 0)
    return inserted;
  return find(update.id).value_or(0);
}

std::optional<std::int64_t> ObserverStatements::touch_known(std::string_view id, WallTime seen,
                                                            WallTime clock_now) {
  const auto rowid = find(id);
  if (rowid) touch_known_.run(id, TimestampText(seen).view(), TimestampText(clock_now).view());
  return rowid;
}

bool ObserverStatements::update_known(const ObserverUpdate& update) {
  const std::string iata = normal_iata(update.iata);
  const ObserverStatus& status = update.status;
  update_known_.run(update.id, update.name, std::string_view(iata), status.model, status.firmware,
                    status.client_version, status.radio, status.battery_mv, status.uptime_secs,
                    status.noise_floor, status.can_relay);
  return sqlite3_changes(connection_->handle()) > 0;
}

}  // namespace sluice
