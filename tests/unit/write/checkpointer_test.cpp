#include "write/checkpointer.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

class CheckpointerTest : public testing::Test {
 protected:
  CheckpointerTest() {
    connection_.execute("CREATE TABLE t(x)");
    connection_.set_busy_timeout(0ms);
    connection_.checkpoint_truncate();
    other_.emplace(directory_.file("test.db"));
  }

  /// Commits so many pages, and more or less.
  void write(int pages) {
    connection_.begin_immediate();
    const std::string sql =
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
        " FROM n WHERE i < " +
        std::to_string(pages) + ") SELECT zeroblob(4000) FROM n";
    connection_.execute(sql.c_str());
    connection_.commit();
  }

  test::TempDir directory_;
  test::ManualClock clock_;
  WriteMetrics metrics_;
  Connection connection_{{.path = directory_.file("test.db")}};
  Checkpointer checkpointer_{connection_, {.wal_pages = 100, .age = 60s}, clock_, metrics_};
  std::optional<test::OtherConnection> other_;
};

TEST_F(CheckpointerTest, WithoutCommitsThereIsNothingToDo) {
  const auto before = metrics_.checkpoints.value();
  checkpointer_.consider();
  EXPECT_EQ(checkpointer_.next_deadline(), MonoTime::max());
  EXPECT_EQ(metrics_.checkpoints.value(), before);
}

TEST_F(CheckpointerTest, MovesTheWalAtItsSize) {
  const auto before = metrics_.checkpoints.value();
  write(50);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before);
  write(60);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 1);
  EXPECT_EQ(checkpointer_.next_deadline(), MonoTime::max());
}

TEST_F(CheckpointerTest, MovesTheWalAtItsAge) {
  const auto before = metrics_.checkpoints.value();
  write(1);
  checkpointer_.consider();
  EXPECT_EQ(checkpointer_.next_deadline(), clock_.mono() + 60s);
  clock_.advance(30s);
  write(1);
  checkpointer_.consider();
  EXPECT_EQ(checkpointer_.next_deadline(), clock_.mono() + 30s);
  clock_.advance(30s);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 1);
  EXPECT_EQ(checkpointer_.next_deadline(), MonoTime::max());
}

TEST_F(CheckpointerTest, WhatAReaderKeptBackIsTriedAgainInTimeAndNotAtEveryCommit) {
  other_->execute("BEGIN");
  EXPECT_EQ(other_->count("t"), 0);  // the snapshot is taken
  write(150);
  const auto before = metrics_.checkpoints.value();
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 1);
  EXPECT_EQ(checkpointer_.next_deadline(), clock_.mono() + 60s);
  write(1);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 1);

  clock_.advance(60s);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 2);
  other_->execute("COMMIT");
  clock_.advance(60s);
  checkpointer_.consider();
  EXPECT_EQ(metrics_.checkpoints.value(), before + 3);
  EXPECT_EQ(checkpointer_.next_deadline(), MonoTime::max());
}

TEST_F(CheckpointerTest, NextDeadlineIsNeverLeftInThePast) {
  // A reader that stays, and no more commits: whoever sleeps until the deadline must not spin.
  other_->execute("BEGIN");
  EXPECT_EQ(other_->count("t"), 0);
  write(150);
  checkpointer_.consider();
  for (int i = 0; i < 5; ++i) {
    clock_.advance(60s);
    checkpointer_.consider();
    EXPECT_GT(checkpointer_.next_deadline(), clock_.mono());
  }
  other_->execute("COMMIT");
}

}  // namespace
}  // namespace sluice
