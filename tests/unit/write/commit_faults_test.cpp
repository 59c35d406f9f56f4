// The database fails under the writer: no message is lost, none is written twice, and what ends the
// process is only what no later attempt can mend.

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/log.h"
#include "store/store_error.h"
#include "support/fault_vfs.h"
#include "support/frames.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace test {

// Found by googletest under this name.
// NOLINTNEXTLINE(readability-identifier-naming)
inline void PrintTo(const Fault& fault, std::ostream* out) {
  *out << "call " << static_cast<int>(fault.call) << " code " << fault.code;
}

}  // namespace test

namespace {

using namespace std::chrono_literals;
using test::Fault;
using test::FaultCall;
using test::FaultFile;
using test::FaultPlan;
using test::SteppedPipeline;
using testing::ElementsAreArray;
using testing::HasSubstr;

struct Ending {
  std::vector<std::string> tables;
  std::string account;
  std::string position;
};

/// Three windows: everything that makes rows; `disturb` is called before the second ends.
Ending three_windows(const std::function<void(SteppedPipeline&)>& disturb) {
  SteppedPipeline sluice({.window = 1000ms});
  const MonoTime began = sluice.clock().mono();
  for (std::uint32_t window = 0; window < 3; ++window) {
    // However long the disturbance took: both runs receive at the same times.
    sluice.advance(std::chrono::duration_cast<std::chrono::microseconds>(began + window * 10min -
                                                                         sluice.clock().mono()));
    sluice.take_in(test::text_message(window));
    sluice.take_in(test::text_message(window));
    sluice.take_in(test::text_message(7, "OBS2"));
    sluice.take_in(test::packet_message({.raw = test::advert_hex({.seed = 3, .name = "Hill"})}));
    sluice.take_in(test::status_message("OBS3", R"("noise_floor":-110,"origin":"three")"));
    sluice.take_in({.topic = "t", .payload = "no json"});
    if (window == 1) disturb(sluice);
    sluice.advance(1000ms);
    for (int i = 0; i < 4; ++i) sluice.advance(500ms);
  }
  const std::string position = sluice.other().value("SELECT seq FROM sluice_position");
  sluice.finish();
  return {.tables = table_contents(sluice.other()),
          .account = to_line(totals_of(sluice.account())),
          .position = position};
}

void expect_undisturbed(const Ending& ending) {
  const Ending calm = three_windows([](SteppedPipeline&) {});
  EXPECT_THAT(ending.tables, ElementsAreArray(calm.tables));
  EXPECT_EQ(ending.account, calm.account);
  EXPECT_EQ(ending.position, "18");
  EXPECT_EQ(calm.position, "18");
}

class CommitFault : public testing::TestWithParam<Fault> {};

/// The fault strikes the second window's first attempt.
TEST_P(CommitFault, LosesNothingAndDoublesNothing) {
  std::optional<FaultPlan> plan;
  expect_undisturbed(three_windows([&](SteppedPipeline& sluice) {
    plan.emplace(sluice.db_path());
    plan->fail(GetParam());
    sluice.advance(1000ms);
    EXPECT_EQ(plan->failed(), 1U);
    EXPECT_EQ(sluice.write_metrics().failed_windows.value(), 1U);
    EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 1U);
    EXPECT_EQ(sluice.account().in_batches, 6);
    test::ExpectLedgerBalances(sluice.ledger());
    sluice.advance(10ms);
    EXPECT_EQ(sluice.write_metrics().transactions.value(), 2U);
    EXPECT_EQ(sluice.account().in_batches, 0);
  }));
}

INSTANTIATE_TEST_SUITE_P(
    Early, CommitFault,
    testing::Values(
        Fault{.call = FaultCall::kLock, .code = SQLITE_BUSY},
        Fault{.call = FaultCall::kLock, .code = SQLITE_IOERR_SHMLOCK},
        Fault{.call = FaultCall::kWrite, .code = SQLITE_FULL, .file = FaultFile::kWal},
        Fault{.call = FaultCall::kWrite, .code = SQLITE_FULL, .file = FaultFile::kWal, .nth = 5},
        Fault{.call = FaultCall::kWrite,
              .code = SQLITE_IOERR_WRITE,
              .file = FaultFile::kWal,
              .nth = 4},
        Fault{.call = FaultCall::kWrite,
              .code = SQLITE_IOERR_WRITE,
              .file = FaultFile::kWal,
              .nth = 6,
              .late = true}));

INSTANTIATE_TEST_SUITE_P(Late, CommitFault,
                         testing::Values(Fault{.call = FaultCall::kCommit, .code = SQLITE_IOERR},
                                         Fault{.call = FaultCall::kCommit, .code = SQLITE_FULL},
                                         Fault{.call = FaultCall::kCommit, .code = SQLITE_BUSY}));

TEST(LateCommitFault, IsFoundOutEvenThoughTheLockIsTakenInBetween) {
  std::optional<FaultPlan> plan;
  expect_undisturbed(three_windows([&](SteppedPipeline& sluice) {
    plan.emplace(sluice.db_path());
    plan->fail({.call = FaultCall::kCommit, .code = SQLITE_IOERR});
    sluice.advance(1000ms);
    EXPECT_EQ(sluice.other().count("transmissions"), 4) << "it has landed";
    plan->fail({.call = FaultCall::kLock, .code = SQLITE_BUSY, .times = 3});
    for (int i = 0; i < 4; ++i) sluice.advance(500ms);
    EXPECT_EQ(sluice.write_metrics().failed_windows.value(), 1U);
    EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 4U);
    EXPECT_EQ(sluice.write_metrics().locked_attempts.value(), 3U);
    EXPECT_EQ(sluice.write_metrics().transactions.value(), 2U);
  }));
}

TEST(LateCommitFault, RowIdsAreLearntAnew) {
  SteppedPipeline sluice({.window = 1000ms});
  FaultPlan plan(sluice.db_path());
  plan.fail({.call = FaultCall::kCommit, .code = SQLITE_IOERR});
  sluice.take_in(test::text_message(1, "A"));
  sluice.advance(1000ms);
  sluice.advance(10ms);
  sluice.take_in(test::text_message(1, "B"));
  sluice.take_in(test::text_message(2, "B"));
  sluice.finish();
  EXPECT_EQ(sluice.other().value("SELECT count(*) FROM observations x JOIN transmissions t"
                                 " ON t.id = x.transmission_id JOIN observers o"
                                 " ON o.rowid = x.observer_idx"),
            "3");
  EXPECT_EQ(sluice.write_metrics().transmissions_inserted.value(), 2U);
}

TEST(CommitFaults, FullDiskIsWaitedOutHoweverLongItLasts) {
  std::optional<FaultPlan> plan;
  expect_undisturbed(three_windows([&](SteppedPipeline& sluice) {
    plan.emplace(sluice.db_path());
    plan->fail({.call = FaultCall::kWrite, .code = SQLITE_FULL, .times = 1'000'000});
    for (int i = 0; i < 200; ++i) sluice.advance(500ms);
    EXPECT_EQ(sluice.write_metrics().failed_windows.value(), 1U);
    EXPECT_GT(sluice.write_metrics().failed_attempts.value(), 100U);
    plan->clear();
    sluice.advance(500ms);
  }));
}

/// Runs until the writer gives up; its last words.
std::string last_words(SteppedPipeline& sluice) {
  try {
    for (int i = 0; i < 50; ++i) sluice.advance(500ms);
  } catch (const StoreError& error) {
    return error.what();
  }
  return "";
}

TEST(CommitFaults, DiskThatStaysBadEndsTheProcessAfterSomeAttempts) {
  SteppedPipeline sluice({.window = 1000ms});
  FaultPlan plan(sluice.db_path());
  plan.fail({.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE, .times = 1'000'000});
  sluice.take_in(test::text_message(1));
  EXPECT_THAT(last_words(sluice), HasSubstr("kernel's log"));
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 9U);
  EXPECT_EQ(sluice.other().count("transmissions"), 0);
  EXPECT_EQ(sluice.pipeline().journals()[0].released(), 0U);
}

TEST(CommitFaults, FailedSyncEndsTheProcessAtOnce) {
  SteppedPipeline sluice({.window = 1000ms});
  FaultPlan plan(sluice.db_path());
  plan.fail({.call = FaultCall::kSync, .code = SQLITE_IOERR_FSYNC});
  sluice.take_in(test::text_message(1));
  EXPECT_THAT(last_words(sluice), HasSubstr("kernel's log"));
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 0U);
  EXPECT_EQ(sluice.pipeline().journals()[0].released(), 0U) << "the next run gets it once more";
}

struct FatalCase {
  int code;
  const char* advice;
};
class FatalFault : public testing::TestWithParam<FatalCase> {};

TEST_P(FatalFault, EndsTheProcessAndSaysWhatToDo) {
  SteppedPipeline sluice({.window = 1000ms});
  FaultPlan plan(sluice.db_path());
  plan.fail({.call = FaultCall::kWrite, .code = GetParam().code});
  sluice.take_in(test::text_message(1));
  EXPECT_THAT(last_words(sluice), HasSubstr(GetParam().advice));
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Codes, FatalFault,
                         testing::Values(FatalCase{SQLITE_READONLY, "read-only"},
                                         FatalCase{SQLITE_CORRUPT, ".recover"},
                                         FatalCase{SQLITE_NOTADB, "dbPath"},
                                         FatalCase{SQLITE_IOERR_NOMEM, "sqliteCacheKiB"}));

class CheckpointFault : public testing::TestWithParam<int> {};

TEST_P(CheckpointFault, IsToldOnceAndTriedAgain) {
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel level, std::string_view line) {
    if (level == LogLevel::kWarn) warnings.emplace_back(line);
  });
  std::optional<FaultPlan> plan;
  expect_undisturbed(three_windows([&](SteppedPipeline& sluice) {
    plan.emplace(sluice.db_path());
    plan->fail({.call = FaultCall::kWrite,
                .code = GetParam(),
                .file = FaultFile::kDatabase,
                .times = 1'000'000});
    const std::uint64_t before = sluice.write_metrics().checkpoints.value();
    for (int i = 0; i < 5; ++i) sluice.advance(61s);
    EXPECT_GE(plan->failed(), 2U) << "one attempt a minute";
    EXPECT_EQ(sluice.write_metrics().checkpoints.value(), before);
    plan->clear();
    sluice.advance(61s);
    EXPECT_EQ(sluice.write_metrics().checkpoints.value(), before + 1);
  }));
  set_log_sink({});
  EXPECT_EQ(std::count_if(warnings.begin(), warnings.end(),
                          [](const std::string& line) {
                            return line.find("checkpoint") != std::string::npos;
                          }),
            1);
}

INSTANTIATE_TEST_SUITE_P(Codes, CheckpointFault, testing::Values(SQLITE_FULL, SQLITE_IOERR_WRITE));

TEST(CommitFaults, FullDiskAtTheEndLeavesTheWalAndNoError) {
  SteppedPipeline sluice({.window = 1000ms});
  FaultPlan plan(sluice.db_path());
  sluice.take_in(test::text_message(1));
  plan.fail({.call = FaultCall::kWrite,
             .code = SQLITE_FULL,
             .file = FaultFile::kDatabase,
             .times = 1'000'000});
  EXPECT_NO_THROW(sluice.finish());
  EXPECT_GT(plan.failed(), 0U);
  EXPECT_EQ(sluice.other().count("observations"), 1);
}

}  // namespace
}  // namespace sluice
