#pragma once

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The dropped_packets table (contract 3.4).
///
/// Thread: bound(write).
class DroppedPacketStatements {
 public:
  explicit DroppedPacketStatements(Connection& connection);

  /// Throws StoreError.
  void insert(const DroppedPacketRow& row);

 private:
  Statement insert_;
};

}  // namespace sluice
