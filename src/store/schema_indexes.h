#pragma once

#include <functional>

namespace sluice {

class Connection;

struct IndexOptions {
  /// False: the indexes that others cover are dropped.
  bool redundant = true;
  /// A line of the log for each index that is built or dropped: on a large file that takes a while.
  bool tell = true;
  /// See SchemaOptions.
  std::function<bool()> keep_going = {};
};

/// Makes the indexes that are missing and drops those that are unwanted. Within the caller's
/// transaction. Throws StoreError: kUnusable when duplicates are in the way of a unique one,
/// kInterrupted when `keep_going` said no.
void bring_indexes_up_to_date(Connection& connection, const IndexOptions& options);

}  // namespace sluice
