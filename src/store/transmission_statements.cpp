#include "store/transmission_statements.h"

#include <array>
#include <span>

#include <sqlite3.h>

#include "base/hex.h"
#include "base/timestamp_text.h"
#include "store/column_text.h"
#include "store/connection.h"

namespace sluice {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO transmissions(raw_hex, hash, first_seen, route_type, payload_type,"
    " payload_version, decoded_json, from_pubkey, last_seen, created_at, channel_hash, scope_name)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

constexpr std::string_view kInsertWithCodes =
    "INSERT INTO transmissions(raw_hex, hash, first_seen, route_type, payload_type,"
    " payload_version, decoded_json, from_pubkey, last_seen, created_at, channel_hash, scope_name,"
    " code1, code2)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

}  // namespace

TransmissionStatements::TransmissionStatements(Connection& connection, SchemaFeatures features)
    : connection_(&connection),
      transport_codes_(features.transport_codes),
      find_(connection, "SELECT id, last_seen, first_seen FROM transmissions WHERE hash = ?1"),
      insert_(connection, transport_codes_ ? kInsertWithCodes : kInsert),
      raise_last_seen_(connection,
                       "UPDATE transmissions SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2"),
      // On its own: a statement that names first_seen rewrites the entry in its index each time.
      lower_first_seen_(
          connection,
          "UPDATE transmissions SET first_seen = ?2 WHERE id = ?1 AND first_seen > ?2") {}

std::optional<TransmissionRef> TransmissionStatements::find(std::uint64_t hash) {
  const HashText text(hash);
  const auto row = find_.query(text.view());
  if (!row) return std::nullopt;
  return TransmissionRef{row.integer(0), row.integer(1), std::string(row.text(2))};
}

std::int64_t TransmissionStatements::insert(const TransmissionRow& row) {
  const HashText hash(row.hash);
  const TimestampText first_seen(row.received);
  const SqlTimestampText created(row.received);
  const std::int64_t last_seen = epoch_seconds(row.latest.value_or(row.received));
  if (!transport_codes_) {
    insert_.run(row.raw_hex, hash.view(), first_seen.view(), row.route_type, row.payload_type,
                row.payload_version, row.decoded_json, row.from_pubkey, last_seen, created.view(),
                row.channel_hash, row.scope_name);
  } else {
    std::array<char, 8> digits{};
    std::optional<std::string_view> code1;
    std::optional<std::string_view> code2;
    if (row.transport_codes) {
      encode_hex(*row.transport_codes, kUpperHexDigits, digits.data());
      code1 = std::string_view(digits.data(), 4);
      code2 = std::string_view(digits.data() + 4, 4);
    }
    insert_.run(row.raw_hex, hash.view(), first_seen.view(), row.route_type, row.payload_type,
                row.payload_version, row.decoded_json, row.from_pubkey, last_seen, created.view(),
                row.channel_hash, row.scope_name, code1, code2);
  }
  return sqlite3_last_insert_rowid(connection_->handle());
}

void TransmissionStatements::touch(std::int64_t id, WallTime earliest, WallTime latest) {
  raise_last_seen_.run(id, epoch_seconds(latest));
  lower_first_seen_.run(id, TimestampText(earliest).view());
}

}  // namespace sluice
