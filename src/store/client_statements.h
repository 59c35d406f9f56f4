#pragma once

#include <string_view>

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The tables client_receptions and client_observers (contract 3.8). Every method throws
/// StoreError.
///
/// Thread: bound(write).
class ClientStatements {
 public:
  explicit ClientStatements(Connection& connection);

  /// False, and nothing changes, when the phone has reported the same at that second already.
  bool insert(const ClientReceptionRow& row);

  /// The phone's name as it gives it, and when it gave it.
  void note_observer(std::string_view pubkey, std::string_view name, WallTime seen);

 private:
  Connection* connection_;
  Statement insert_;
  Statement note_observer_;
};

}  // namespace sluice
