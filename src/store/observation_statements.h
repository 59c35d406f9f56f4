#pragma once

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// Observations to be written, and who wants to know what became of each.
///
/// Thread: bound(write).
class ObservationSource {
 public:
  enum class Outcome {
    kInserted,
    kMerged,  ///< into the row of the same transmission, observer and path
  };

  virtual ~ObservationSource() = default;
  /// The next one, null at the end. It lives until the next call.
  [[nodiscard]] virtual const ObservationRow* next() noexcept = 0;
  /// The last one is in the table.
  virtual void written(Outcome outcome) noexcept = 0;
};

/// The observations table (contract 3.6).
///
/// Thread: bound(write).
class ObservationStatements {
 public:
  using Outcome = ObservationSource::Outcome;

  explicit ObservationStatements(Connection& connection);

  /// Somebody else has written, and may have changed the schema.
  void notice_others();

  /// All rows of the source by one statement, in its order; a statement for each where the table
  /// has triggers. On a merge a new non-NULL snr, rssi,
  /// score, raw_hex or resolved_path wins, the rest stays. An id may be skipped. That the
  /// transmissions exist is for the caller to know. Throws StoreError; some rows are written then,
  /// and the caller undoes them.
  void upsert_all(ObservationSource& source);

  /// The same for a single row.
  Outcome upsert(const ObservationRow& row);

 private:
  Connection* connection_;
  bool row_by_row_ = false;
  Statement upsert_;
};

}  // namespace sluice
