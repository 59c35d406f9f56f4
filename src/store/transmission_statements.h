#pragma once

#include <cstdint>
#include <optional>

#include "store/rows.h"
#include "store/schema.h"
#include "store/statement.h"

namespace sluice {

/// The transmissions table (contract 3.6). Every method throws StoreError.
///
/// Thread: bound(write).
class TransmissionStatements {
 public:
  TransmissionStatements(Connection& connection, SchemaFeatures features);

  [[nodiscard]] std::optional<TransmissionRef> find(std::uint64_t hash);

  /// Returns the new id. kConstraint when the hash is stored already.
  std::int64_t insert(const TransmissionRow& row);

  /// Further copies of a stored transmission: last_seen only grows, first_seen only shrinks.
  void touch(std::int64_t id, WallTime earliest, WallTime latest);

 private:
  Connection* connection_;
  bool transport_codes_;
  Statement find_;
  Statement insert_;
  Statement raise_last_seen_;
  Statement lower_first_seen_;
};

}  // namespace sluice
