#pragma once

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The nodes table, and the default scope in inactive_nodes (contract 3.4, 3.6). A node that comes
/// back starts a new row; its inactive one stays.
///
/// Thread: bound(write).
class NodeStatements {
 public:
  explicit NodeStatements(Connection& connection);

  /// All adverts that a window brings of one node. Throws StoreError.
  void upsert(const NodeUpdate& update);

 private:
  Connection* connection_;
  Statement upsert_;
  Statement set_scope_;
  Statement set_inactive_scope_;
};

}  // namespace sluice
