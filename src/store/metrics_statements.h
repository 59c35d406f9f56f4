#pragma once

#include "store/rows.h"
#include "store/statement.h"

namespace sluice {

/// The observer_metrics table (contract 3.5, deviation D13).
///
/// Thread: bound(write).
class MetricsStatements {
 public:
  explicit MetricsStatements(Connection& connection);

  /// A value replaces what the same observer and time have, an absent one keeps it; a sample
  /// without any value writes no row. Throws StoreError.
  void merge(const MetricsSample& sample);

 private:
  Statement merge_;
};

}  // namespace sluice
