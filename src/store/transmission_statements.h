#pragma once

#include <cstdint>
#include <optional>

#include "store/rows.h"
#include "store/schema.h"
#include "store/statement.h"

namespace sluice {

/// Transmissions that may be new, and who wants to know which were.
///
/// Thread: bound(write).
class TransmissionSource {
 public:
  virtual ~TransmissionSource() = default;
  /// The next one, null at the end. It lives until the next call.
  [[nodiscard]] virtual const TransmissionRow* next() noexcept = 0;
  /// The last one is in the table; absent: it was there before, as it is.
  virtual void written(std::optional<std::int64_t> new_id) noexcept = 0;
};

/// The transmissions table (contract 3.6). Every method throws StoreError.
///
/// Thread: bound(write).
class TransmissionStatements {
 public:
  TransmissionStatements(Connection& connection, SchemaFeatures features);

  [[nodiscard]] std::optional<TransmissionRef> find(std::uint64_t hash);

  /// Somebody else has written, and may have changed the schema.
  void notice_others();

  /// All rows of the source whose hash is not stored yet, by one statement, in its order; a
  /// statement for each where the table has triggers. When it throws, some are written, and the
  /// caller undoes them.
  void insert_all(TransmissionSource& source);

  /// The same for a single row. Returns the new id; absent when the hash is stored already.
  std::optional<std::int64_t> insert(const TransmissionRow& row);

  /// Further copies of a stored transmission: last_seen only grows.
  void raise_last_seen(std::int64_t id, WallTime latest);
  /// … and first_seen only shrinks.
  void lower_first_seen(std::int64_t id, WallTime earliest);

 private:
  Connection* connection_;
  bool row_by_row_ = false;
  Statement find_;
  Statement insert_;
  Statement raise_last_seen_;
  Statement lower_first_seen_;
};

}  // namespace sluice
