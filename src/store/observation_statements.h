#pragma once

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The observations table (contract 3.6).
///
/// Thread: bound(write).
class ObservationStatements {
 public:
  enum class Outcome {
    kInserted,
    kMerged,  ///< into the row of the same transmission, observer and path
  };

  explicit ObservationStatements(Connection& connection);

  /// On a merge a new non-NULL snr, rssi, score, raw_hex or resolved_path wins, the rest stays. An
  /// id may be skipped. Throws StoreError; kConstraint also when the transmission does not exist.
  Outcome upsert(const ObservationRow& row);

 private:
  Connection* connection_;
  Statement upsert_;
};

}  // namespace sluice
