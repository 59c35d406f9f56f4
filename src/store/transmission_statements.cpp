#include "store/transmission_statements.h"

#include <array>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/hex.h"
#include "base/timestamp_text.h"
#include "store/column_text.h"
#include "store/connection.h"
#include "store/row_stream.h"

namespace sluice {
namespace {

// OR FAIL: who fails undoes the transaction, so SQLite need not be able to undo the statement
// alone. Each transport code has its place in the stream, whether the table has its column or not.
std::string insert_into(SchemaFeatures features) {
  const char* code1 = features.code1 ? ", code1" : "";
  const char* code2 = features.code2 ? ", code2" : "";
  return fmt::format(
      "INSERT OR FAIL INTO transmissions(raw_hex, hash, first_seen, route_type, payload_type,"
      " payload_version, decoded_json, from_pubkey, last_seen, created_at, channel_hash,"
      " scope_name{}{})"
      " SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11{}{} FROM sluice_rows(?1)"
      " WHERE true ON CONFLICT(hash) DO NOTHING",
      code1, code2, features.code1 ? ", c12" : "", features.code2 ? ", c13" : "");
}

/// A row and the texts that its columns are made of.
class TransmissionColumns {
 public:
  explicit TransmissionColumns(const TransmissionRow& row)
      : row_(row),
        hash_(row.hash),
        first_seen_(row.received),
        created_at_(row.received),
        last_seen_(epoch_seconds(row.latest.value_or(row.received))) {
    if (row.transport_codes) encode_hex(*row.transport_codes, kUpperHexDigits, codes_.data());
  }

  /// In the order of insert_into().
  void put(int index, ValueSink& sink) const noexcept {
    switch (index) {
      case 0:
        return sink.put(row_.raw_hex);
      case 1:
        return sink.put(hash_.view());
      case 2:
        return sink.put(first_seen_.view());
      case 3:
        return sink.put(std::int64_t{row_.route_type});
      case 4:
        return sink.put(std::int64_t{row_.payload_type});
      case 5:
        return sink.put(std::int64_t{row_.payload_version});
      case 6:
        return sink.put(row_.decoded_json);
      case 7:
        return sink.put(row_.from_pubkey);
      case 8:
        return sink.put(last_seen_);
      case 9:
        return sink.put(created_at_.view());
      case 10:
        return sink.put(row_.channel_hash);
      case 11:
        return sink.put(row_.scope_name);
      case 12:
        return put_code(0, sink);
      case 13:
        return put_code(4, sink);
      default:
        return sink.put_null();
    }
  }

 private:
  void put_code(std::size_t offset, ValueSink& sink) const noexcept {
    if (!row_.transport_codes) return sink.put_null();
    sink.put(std::string_view(codes_.data() + offset, 4));
  }

  const TransmissionRow& row_;
  const HashText hash_;
  const TimestampText first_seen_;
  const SqlTimestampText created_at_;
  const std::int64_t last_seen_;
  std::array<char, 8> codes_{};
};

/// A TransmissionSource as SQLite reads it.
class TransmissionStream final : public RowStream {
 public:
  TransmissionStream(sqlite3* database, TransmissionSource& source)
      : database_(database), source_(source) {}

  bool next() noexcept override {
    // Only an insert sets the last rowid, so clearing it first tells the two apart at no cost.
    if (columns_) {
      const std::int64_t id = sqlite3_last_insert_rowid(database_);
      source_.written(id != 0 ? std::optional(id) : std::nullopt);
    }
    columns_.reset();
    if (const TransmissionRow* row = source_.next()) columns_.emplace(*row);
    if (columns_) sqlite3_set_last_insert_rowid(database_, 0);
    return columns_.has_value();
  }

  void column(int index, ValueSink& sink) const noexcept override { columns_->put(index, sink); }

 private:
  sqlite3* database_;
  TransmissionSource& source_;
  std::optional<TransmissionColumns> columns_;
};

/// Keeps one row for itself: what became of it shows when the statement has ended.
class SingleTransmission final : public TransmissionSource {
 public:
  explicit SingleTransmission(const TransmissionRow& row) : row_(&row) {}
  const TransmissionRow* next() noexcept override { return std::exchange(row_, nullptr); }
  void written(std::optional<std::int64_t> /*new_id*/) noexcept override {}

 private:
  const TransmissionRow* row_;
};

}  // namespace

TransmissionStatements::TransmissionStatements(Connection& connection, SchemaFeatures features)
    : connection_(&connection),
      find_(connection, "SELECT id, last_seen, first_seen FROM transmissions WHERE hash = ?1"),
      insert_(connection, insert_into(features)),
      raise_last_seen_(connection,
                       "UPDATE transmissions SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2"),
      // On its own: a statement that names first_seen rewrites the entry in its index each time.
      lower_first_seen_(
          connection,
          "UPDATE transmissions SET first_seen = ?2 WHERE id = ?1 AND first_seen > ?2") {
  notice_others();
}

std::optional<TransmissionRef> TransmissionStatements::find(std::uint64_t hash) {
  const HashText text(hash);
  const auto row = find_.query(text.view());
  if (!row) return std::nullopt;
  return TransmissionRef{row.integer(0), row.integer(1), std::string(row.text(2))};
}

void TransmissionStatements::notice_others() {
  row_by_row_ = has_triggers(*connection_, "transmissions");
}

void TransmissionStatements::insert_all(TransmissionSource& source) {
  if (row_by_row_) {
    while (const TransmissionRow* row = source.next()) source.written(insert(*row));
    return;
  }
  TransmissionStream rows(connection_->handle(), source);
  insert_.run(static_cast<RowStream*>(&rows));
}

std::optional<std::int64_t> TransmissionStatements::insert(const TransmissionRow& row) {
  SingleTransmission source(row);
  TransmissionStream rows(connection_->handle(), source);
  insert_.run(static_cast<RowStream*>(&rows));
  const std::int64_t id = sqlite3_last_insert_rowid(connection_->handle());
  return id != 0 ? std::optional(id) : std::nullopt;
}

void TransmissionStatements::raise_last_seen(std::int64_t id, WallTime latest) {
  raise_last_seen_.run(id, epoch_seconds(latest));
}

void TransmissionStatements::lower_first_seen(std::int64_t id, WallTime earliest) {
  lower_first_seen_.run(id, TimestampText(earliest).view());
}

}  // namespace sluice
