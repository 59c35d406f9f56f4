#include "metrics/ledger.h"

#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace sluice {
namespace {

void reject(SourceLedger& source, RejectReason reason, std::uint64_t count) {
  source.write.rejected[static_cast<std::size_t>(reason)].add(count);
}
void drop(SourceLedger& source, DropReason reason, std::uint64_t count) {
  source.receive.dropped[static_cast<std::size_t>(reason)].add(count);
}

TEST(Ledger, EmptyBalances) {
  Ledger ledger;
  ledger.add_source("a");
  EXPECT_EQ(ledger.totals().imbalance(), 0);
  EXPECT_EQ(to_line(ledger.totals()),
            "received=0 committed=0 merged=0 rejected=0 dropped=0 in_flight=0");
}

TEST(Ledger, CountsInFlightOnItsOwn) {
  Ledger ledger;
  SourceLedger& source = ledger.add_source("a");
  std::uint64_t backlog = 5;
  source.journal_backlog = [&backlog] { return backlog; };
  source.receive.received.add(10);
  source.in_batches = 3;
  source.write.committed.add(2);
  EXPECT_EQ(totals_of(source).in_flight, 8U);
  EXPECT_EQ(totals_of(source).imbalance(), 0);
  backlog = 4;  // a message that was lost on its way from the journal
  EXPECT_EQ(totals_of(source).imbalance(), 1);
  backlog = 7;  // messages that nobody received
  EXPECT_EQ(totals_of(source).imbalance(), -2);
}

TEST(Ledger, EveryOutcomeCounts) {
  Ledger ledger;
  SourceLedger& source = ledger.add_source("a");
  source.receive.received.add(10);
  source.write.committed.add(4);
  source.write.merged.add(1);
  reject(source, RejectReason::kMalformedJson, 2);
  reject(source, RejectReason::kDbRejected, 1);
  drop(source, DropReason::kJournalFull, 1);
  drop(source, DropReason::kBadCaptureLine, 1);
  const LedgerTotals totals = totals_of(source);
  EXPECT_EQ(totals.rejected_total(), 3U);
  EXPECT_EQ(totals.dropped_total(), 2U);
  EXPECT_EQ(totals.imbalance(), 0);
}

TEST(Ledger, LineNamesTheReasonsThatOccurred) {
  Ledger ledger;
  SourceLedger& source = ledger.add_source("a");
  source.receive.received.add(10);
  reject(source, RejectReason::kMalformedJson, 2);
  reject(source, RejectReason::kAdvertBadSignature, 1);
  drop(source, DropReason::kOversized, 3);
  EXPECT_EQ(to_line(totals_of(source)),
            "received=10 committed=0 merged=0 rejected=3 (malformed_json=2 advert_bad_signature=1)"
            " dropped=3 (oversized=3) in_flight=0");
}

TEST(Ledger, SumsOverSources) {
  Ledger ledger;
  for (int i = 0; i < 3; ++i) {
    SourceLedger& source = ledger.add_source(std::to_string(i));
    source.receive.received.add(4);
    source.write.committed.add(1);
    source.write.merged.add(1);
    reject(source, RejectReason::kNoPacket, 1);
    drop(source, DropReason::kJournalFull, 1);
  }
  const LedgerTotals totals = ledger.totals();
  EXPECT_EQ(totals.received, 12U);
  EXPECT_EQ(totals.committed, 3U);
  EXPECT_EQ(totals.rejected_total(), 3U);
  EXPECT_EQ(totals.imbalance(), 0);
}

TEST(Ledger, ErrorsOfTwoSourcesDoNotCancelEachOtherOut) {
  Ledger ledger;
  ledger.add_source("lost one").receive.received.add(1);
  ledger.add_source("made one up").write.committed.add(1);
  EXPECT_EQ(ledger.totals().imbalance(), 0);  // which is why expectations go by source
  EXPECT_EQ(totals_of(ledger.sources()[0]).imbalance(), 1);
  EXPECT_EQ(totals_of(ledger.sources()[1]).imbalance(), -1);
}

TEST(Ledger, AccountsDoNotMoveWhenSourcesAreAdded) {
  Ledger ledger;
  SourceLedger& first = ledger.add_source("first");
  for (int i = 0; i < 100; ++i) ledger.add_source("more");
  EXPECT_EQ(&first, &ledger.sources().front());
}

TEST(RejectReason, EveryReasonHasALabelOfItsOwn) {
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    labels.insert(to_string(static_cast<RejectReason>(i)));
  }
  EXPECT_EQ(labels.size(), kRejectReasonCount);
  EXPECT_EQ(labels.count("?"), 0U);
  std::set<std::string_view> drops;
  for (std::size_t i = 0; i < kDropReasonCount; ++i) {
    drops.insert(to_string(static_cast<DropReason>(i)));
  }
  EXPECT_EQ(drops.size(), kDropReasonCount);
  EXPECT_EQ(drops.count("?"), 0U);
}

}  // namespace
}  // namespace sluice
