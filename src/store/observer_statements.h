#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The observers table (contract 3.6). A row is never replaced: observations point at its rowid.
/// Every method throws StoreError.
///
/// Thread: bound(write).
class ObserverStatements {
 public:
  explicit ObserverStatements(Connection& connection);

  /// The rowid.
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view id);

  /// All contacts of a window at once; makes the row if there is none. Returns the rowid.
  std::int64_t upsert(const ObserverUpdate& update);

  /// A retained status: name, iata and metadata only, and no row for an unknown observer
  /// (deviation D21). Returns whether the observer is known.
  bool update_known(const ObserverUpdate& update);

  /// A packet that is no contact (contract 3.7): last_seen and last_packet_at alone, and no row for
  /// an unknown observer. Returns the rowid.
  [[nodiscard]] std::optional<std::int64_t> touch_known(std::string_view id, WallTime seen,
                                                        WallTime clock_now);

 private:
  Connection* connection_;
  Statement find_;
  Statement upsert_;
  Statement update_known_;
  Statement touch_known_;
};

}  // namespace sluice
