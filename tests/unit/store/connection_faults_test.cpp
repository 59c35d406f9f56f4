// The connection over a disk that fails, and the VFS that makes it fail.

#include <string>
#include <vector>

#include "base/log.h"
#include "store/io_counter.h"
#include "store_fixture.h"
#include "support/fault_vfs.h"

namespace sluice {
namespace {

using test::Fault;
using test::FaultCall;
using test::FaultFile;
using test::FaultPlan;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kAlways = 1'000'000;

class ConnectionFaults : public StoreTest {
 protected:
  void insert(Connection& connection, const std::string& key) {
    connection.begin_immediate();
    connection.execute(("INSERT INTO client_observers(pubkey) VALUES ('" + key + "')").c_str());
    connection.commit();
  }
  Rows keys() {
    const auto connection = open_with_schema();
    return rows(*connection, "SELECT pubkey FROM client_observers");
  }
  std::unique_ptr<Connection> connection_ = open_with_schema();
  FaultPlan plan_{path()};
};

TEST_F(ConnectionFaults, WithoutAFaultNothingHappens) {
  insert(*connection_, "a");
  connection_->close();
  EXPECT_EQ(plan_.failed(), 0U);
  EXPECT_THAT(keys(), ElementsAre("'a'"));
}

TEST_F(ConnectionFaults, CountAndPlaceAreKept) {
  plan_.fail({.call = FaultCall::kSync,
              .code = SQLITE_IOERR_FSYNC,
              .file = FaultFile::kWal,
              .nth = 3,
              .times = 2});
  std::string pattern;
  for (int i = 0; i < 6; ++i) {
    const auto error = error_of([&] { insert(*connection_, std::to_string(i)); });
    connection_->rollback();
    pattern += error ? 'x' : '.';
    EXPECT_TRUE(!error || error->is_failed_sync());
  }
  EXPECT_EQ(plan_.failed(), 2U);
  // The first commit of a new WAL syncs its header, too.
  EXPECT_THAT(pattern, testing::AnyOf("..xx..", ".xx..."));
}

TEST(FaultPlanSeed, GivesTheSameFaults) {
  const auto pattern = [](std::uint32_t seed) {
    FaultPlan plan("/nowhere", seed);
    plan.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_FULL}, 0.5);
    std::string text;
    for (int i = 0; i < 64; ++i)
      text += plan.judge(FaultCall::kWrite, FaultFile::kWal).code == SQLITE_FULL ? 'x' : '.';
    return text;
  };
  EXPECT_EQ(pattern(1), pattern(1));
  EXPECT_NE(pattern(1), pattern(2));
}

TEST_F(ConnectionFaults, OnePlanAtATime) { EXPECT_THROW(FaultPlan("/nowhere"), std::logic_error); }

TEST_F(ConnectionFaults, CountingGoesOnAboveIt) {
  plan_.fail({.call = FaultCall::kWrite, .code = SQLITE_FULL});
  const IoCounts before = io_counts();
  EXPECT_EQ(error_kind_of([&] { insert(*connection_, "a"); }), StoreErrorKind::kFull);
  connection_->rollback();
  insert(*connection_, "b");
  EXPECT_GT(io_counts().wal_syncs, before.wal_syncs);
}

TEST_F(ConnectionFaults, LateFailureOfACommitHasLanded) {
  for (const int code : {SQLITE_IOERR, SQLITE_FULL, SQLITE_BUSY}) {
    plan_.fail({.call = FaultCall::kCommit, .code = code});
    EXPECT_TRUE(error_of([&] { insert(*connection_, std::to_string(code)); }));
    connection_->rollback();
    EXPECT_FALSE(connection_->in_transaction());
    plan_.clear();
  }
  insert(*connection_, "after");
  EXPECT_THAT(rows(*connection_, "SELECT count(*) FROM client_observers"), ElementsAre("4"));
}

TEST_F(ConnectionFaults, FailedSyncLeavesTheCommitUndecided) {
  plan_.fail({.call = FaultCall::kSync, .code = SQLITE_IOERR_FSYNC, .file = FaultFile::kWal});
  EXPECT_TRUE(error_of([&] { insert(*connection_, "a"); })->is_failed_sync());
  connection_->rollback();
  EXPECT_THAT(rows(*connection_, "SELECT count(*) FROM client_observers"), ElementsAre("0"))
      << "for this process it has not happened";
}

TEST_F(ConnectionFaults, OpeningCanFail) {
  connection_.reset();
  plan_.fail({.call = FaultCall::kOpen, .code = SQLITE_CANTOPEN, .file = FaultFile::kDatabase});
  const auto error = error_of([&] { open_with_schema(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_NO_THROW(open_with_schema());
}

class ClosingFault : public ConnectionFaults, public testing::WithParamInterface<Fault> {};

TEST_P(ClosingFault, LeavesTheWalAndIsOnlyAWarning) {
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel level, std::string_view line) {
    if (level == LogLevel::kWarn) warnings.emplace_back(line);
  });
  insert(*connection_, "a");
  plan_.fail(GetParam());
  EXPECT_NO_THROW(connection_->close());
  set_log_sink({});
  EXPECT_GT(plan_.failed(), 0U);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], HasSubstr("-wal"));
  EXPECT_GT(std::filesystem::file_size(path() + "-wal"), 0U);
  plan_.clear();
  EXPECT_THAT(keys(), ElementsAre("'a'"));
}

INSTANTIATE_TEST_SUITE_P(
    Faults, ClosingFault,
    testing::Values(
        Fault{.call = FaultCall::kWrite,
              .code = SQLITE_FULL,
              .file = FaultFile::kDatabase,
              .times = kAlways},
        Fault{.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE, .file = FaultFile::kDatabase},
        Fault{.call = FaultCall::kSync, .code = SQLITE_IOERR_FSYNC, .file = FaultFile::kDatabase}));

}  // namespace
}  // namespace sluice
