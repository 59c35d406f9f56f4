// No space: the window is kept, and lands once there is some.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/schema.h"
#include "support/ledger_expectations.h"
#include "support/manual_clock.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"
#include "write/write_stage.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

/// The writer alone, with its connection in the test's hand; batches come ready-made.
class FullDatabase : public testing::Test {
 protected:
  FullDatabase() {
    create_schema(connection_);
    connection_.set_busy_timeout(0ms);
    account_.journal_backlog = [this] { return journal_.backlog(); };
    stage_.emplace(queue_, std::vector<WriteStage::Source>{{&journal_, &account_}}, connection_,
                   window_flow_,
                   WriteOptions{.window = {.duration = 1000ms, .max_packets = 1000},
                                .metrics_sample_interval = 300s,
                                .slots = 64,
                                .checkpoint = {}},
                   clock_, metrics_);
  }
  ~FullDatabase() override {
    in_.reset();
    stage_.reset();
  }

  /// A batch of packets of `bytes` of raw text each.
  void push(std::uint32_t count, std::size_t bytes) {
    auto batch = std::make_unique<Batch>(0, number_++, account_.in_batches);
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(journal_.append({.received = clock_.wall(), .topic = "t", .payload = "p"}),
                AppendResult::kAppended);
      account_.receive.received.add();
      JournalRecord record;
      ASSERT_TRUE(journal_.read(record));
      Packet packet;
      packet.report.observer_id = "A";
      packet.report.raw = batch->arena.copy(std::string(bytes, 'F'));
      packet.content_hash = ++hash_;
      packet.path_json = "[]";
      packet.slot = static_cast<std::uint32_t>(hash_ % 64);
      packet.fresh = true;
      packet.facts = std::make_shared<const TransmissionFacts>();
      Entry entry;
      entry.seq = record.seq;
      entry.received = record.message.received;
      entry.kind = Entry::Kind::kPacket;
      entry.index = i;
      batch->packets.push_back(std::move(packet));
      batch->add(entry);
    }
    ASSERT_TRUE(in_->try_push(batch));
  }
  void run() {
    while (stage_->poll() != 0) {
    }
  }
  void advance(std::chrono::milliseconds by) {
    clock_.advance(by);
    run();
  }
  void limit_pages(const std::string& pages) {
    connection_.execute(("PRAGMA max_page_count = " + pages).c_str());
  }

  test::TempDir directory_;
  test::ManualClock clock_;
  Connection connection_{{.path = directory_.file("test.db")}};
  Journal journal_{{}};
  SourceLedger account_{"source"};
  WriteMetrics metrics_;
  HandleQueue<Batch> queue_{16};
  std::optional<HandleQueue<Batch>::Producer> in_{std::in_place, queue_};
  WindowFlow window_flow_;
  std::optional<WriteStage> stage_;
  std::uint64_t number_ = 0;
  std::uint64_t hash_ = 0;
};

TEST_F(FullDatabase, WindowIsKeptUntilThereIsRoom) {
  push(5, 10);
  run();
  advance(1000ms);
  ASSERT_EQ(metrics_.transactions.value(), 1U);
  limit_pages("1");  // SQLite raises it to the size that the file has
  push(40, 50'000);
  run();
  advance(1000ms);
  EXPECT_EQ(metrics_.transactions.value(), 1U);
  EXPECT_EQ(metrics_.failed_attempts.value(), 1U);
  EXPECT_EQ(account_.in_batches, 40);
  EXPECT_FALSE(connection_.in_transaction());
  const test::OtherConnection other(directory_.file("test.db"));
  EXPECT_EQ(other.count("observations"), 5);  // all or nothing

  limit_pages("1000000");
  advance(10ms);
  EXPECT_EQ(metrics_.transactions.value(), 2U);
  EXPECT_EQ(other.count("observations"), 45);
  EXPECT_EQ(other.count("transmissions"), 45);
  EXPECT_EQ(other.value("SELECT packet_count FROM observers"), "45");
  EXPECT_EQ(account_.write.committed.value(), 45U);
  EXPECT_EQ(totals_of(account_).imbalance(), 0);
}

TEST_F(FullDatabase, SealedWindowTakesNothingMoreIn) {
  limit_pages("1");
  push(40, 50'000);
  run();
  advance(1000ms);
  ASSERT_EQ(metrics_.failed_attempts.value(), 1U);
  push(1, 10);
  for (int i = 0; i < 10; ++i) advance(500ms);
  EXPECT_EQ(queue_.depth(), 1U);
  limit_pages("1000000");
  advance(500ms);
  advance(1000ms);
  EXPECT_EQ(account_.write.committed.value(), 41U);
  EXPECT_EQ(totals_of(account_).imbalance(), 0);
}

TEST_F(FullDatabase, ShutdownWaitsForRoom) {
  limit_pages("1");
  push(40, 50'000);
  in_->close();
  run();
  for (int i = 0; i < 10; ++i) advance(500ms);
  EXPECT_FALSE(stage_->done());
  EXPECT_GE(metrics_.oldest_waiting_ms.value(), 1000);
  limit_pages("1000000");
  advance(500ms);
  EXPECT_TRUE(stage_->done());
  EXPECT_EQ(metrics_.oldest_waiting_ms.value(), 0);
  EXPECT_EQ(account_.write.committed.value(), 40U);
  EXPECT_EQ(account_.in_batches, 0);
}

TEST_F(FullDatabase, RowThatIsTooBigForSQLiteIsRefusedAlone) {
  sqlite3_limit(connection_.handle(), SQLITE_LIMIT_LENGTH, 60'000);
  push(3, 10);
  push(1, 80'000);
  push(3, 10);
  run();
  advance(1000ms);
  EXPECT_EQ(account_.write.committed.value(), 6U);
  EXPECT_EQ(account_.write.rejected[static_cast<std::size_t>(RejectReason::kDbRejected)].value(),
            1U);
  EXPECT_EQ(totals_of(account_).imbalance(), 0);
}

TEST_F(FullDatabase, WindowsBytesCountTheRestOfASplitBatch) {
  push(1001, 40'000);  // 40 MB, split after 1000 packets
  push(900, 40'000);   // 36 MB more: together with what the first batch keeps, above the limit
  run();
  EXPECT_EQ(metrics_.transactions.value(), 2U) << "the rest of the first batch and its arena count";
  advance(1000ms);
  EXPECT_EQ(account_.write.committed.value(), 1901U);
}

TEST_F(FullDatabase, WhatNoLaterAttemptCanMendIsThrown) {
  connection_.execute("DROP TABLE observations");
  push(1, 10);
  run();
  clock_.advance(1000ms);
  EXPECT_THROW(stage_->poll(), StoreError);
  EXPECT_FALSE(connection_.in_transaction());
}

}  // namespace
}  // namespace sluice
