#pragma once

#include <gtest/gtest.h>

#include "metrics/ledger.h"

namespace sluice::test {

/// Every message has its place, source by source. For a pipeline at rest.
inline void ExpectLedgerBalances(const Ledger& ledger) {
  for (const SourceLedger& source : ledger.sources()) {
    const LedgerTotals totals = totals_of(source);
    EXPECT_EQ(totals.imbalance(), 0) << source.name << ": " << to_line(totals);
    EXPECT_GE(source.in_batches.load(), 0) << source.name;
  }
}

/// … and nothing is on its way any more.
inline void ExpectLedgerAtRest(const Ledger& ledger) {
  ExpectLedgerBalances(ledger);
  for (const SourceLedger& source : ledger.sources()) {
    EXPECT_EQ(totals_of(source).in_flight, 0U) << source.name;
  }
}

}  // namespace sluice::test
