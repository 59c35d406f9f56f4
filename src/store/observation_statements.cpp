#include "store/observation_statements.h"

#include <utility>

#include <sqlite3.h>

#include "base/timestamp_text.h"
#include "store/connection.h"
#include "store/row_stream.h"

namespace sluice {
namespace {

/// An ObservationSource as SQLite reads it: the order of the columns is that of the statement.
class ObservationStream final : public RowStream {
 public:
  ObservationStream(sqlite3* database, ObservationSource& source)
      : database_(database), source_(source) {}

  bool next() noexcept override {
    // Only an insert sets the last rowid, so clearing it first tells the two apart at no cost.
    if (row_ != nullptr) {
      source_.written(sqlite3_last_insert_rowid(database_) != 0
                          ? ObservationSource::Outcome::kInserted
                          : ObservationSource::Outcome::kMerged);
    }
    row_ = source_.next();
    if (row_ != nullptr) sqlite3_set_last_insert_rowid(database_, 0);
    return row_ != nullptr;
  }

  void column(int index, ValueSink& sink) const noexcept override {
    switch (index) {
      case 0:
        return sink.put(row_->transmission_id);
      case 1:
        return sink.put(row_->observer_idx);
      case 2:
        return sink.put(row_->direction);
      case 3:
        return sink.put(row_->snr);
      case 4:
        return sink.put(row_->rssi);
      case 5:
        return sink.put(row_->score);
      case 6:
        return sink.put(row_->path_json);
      case 7:
        return sink.put(epoch_seconds(row_->received));
      case 8:
        return sink.put(row_->resolved_path);
      case 9:
        return sink.put(row_->raw_hex);
      default:
        return sink.put_null();
    }
  }

 private:
  sqlite3* database_;
  ObservationSource& source_;
  const ObservationRow* row_ = nullptr;
};

/// Keeps one row for itself: what became of it shows when the statement has ended.
class SingleObservation final : public ObservationSource {
 public:
  explicit SingleObservation(const ObservationRow& row) : row_(&row) {}
  const ObservationRow* next() noexcept override { return std::exchange(row_, nullptr); }
  void written(Outcome /*outcome*/) noexcept override {}

 private:
  const ObservationRow* row_;
};

}  // namespace

ObservationStatements::ObservationStatements(Connection& connection)
    : connection_(&connection),
      upsert_(connection,
              // OR FAIL: who fails undoes the transaction, so SQLite need not be able to undo the
              // statement alone.
              "INSERT OR FAIL INTO observations(transmission_id, observer_idx, direction, snr, "
              "rssi, score,"
              " path_json, timestamp, resolved_path, raw_hex)"
              " SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 FROM sluice_rows(?1) WHERE true"
              " ON CONFLICT(transmission_id, observer_idx, COALESCE(path_json, '')) DO UPDATE SET"
              " snr = COALESCE(excluded.snr, snr), rssi = COALESCE(excluded.rssi, rssi),"
              " score = COALESCE(excluded.score, score),"
              " resolved_path = COALESCE(excluded.resolved_path, resolved_path),"
              " raw_hex = COALESCE(excluded.raw_hex, raw_hex)") {
  notice_others();
}

void ObservationStatements::notice_others() {
  row_by_row_ = has_triggers(*connection_, "observations");
}

void ObservationStatements::upsert_all(ObservationSource& source) {
  if (row_by_row_) {
    while (const ObservationRow* row = source.next()) source.written(upsert(*row));
    return;
  }
  ObservationStream rows(connection_->handle(), source);
  upsert_.run(static_cast<RowStream*>(&rows));
}

ObservationStatements::Outcome ObservationStatements::upsert(const ObservationRow& row) {
  SingleObservation source(row);
  ObservationStream rows(connection_->handle(), source);
  upsert_.run(static_cast<RowStream*>(&rows));
  return sqlite3_last_insert_rowid(connection_->handle()) != 0 ? Outcome::kInserted
                                                               : Outcome::kMerged;
}

}  // namespace sluice
