#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/statement.h"

namespace sluice {

/// How far each journal is done, kept in the same transaction as the rows (design 3). Every method
/// throws StoreError.
///
/// Thread: bound(write).
class PositionStatements {
 public:
  explicit PositionStatements(Connection& connection);

  /// The last sequence number of the journal with an outcome; absent when it never had one.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view journal_uuid);
  void store(std::string_view journal_uuid, std::uint64_t sequence);
  /// For a journal that was discarded.
  void erase(std::string_view journal_uuid);

 private:
  Statement find_;
  Statement store_;
  Statement erase_;
};

}  // namespace sluice
