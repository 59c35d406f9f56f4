// A database without the indexes that others cover: which go, which come back, and that nothing is
// scanned for want of them.

#include "base/log.h"
#include "store/schema.h"
#include "store/schema_tables.h"
#include "store_fixture.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const SchemaOptions kLean{.redundant_indexes = false};

class LeanIndexes : public StoreTest {
 protected:
  LeanIndexes() {
    set_log_sink([this](LogLevel, std::string_view line) { log_.emplace_back(line); });
  }
  ~LeanIndexes() override { set_log_sink({}); }

  void start(const SchemaOptions& options) {
    connection_.reset();
    log_.clear();
    connection_ = open_with_schema(options);
  }
  /// Of the three.
  [[nodiscard]] Rows present() const {
    return rows(*connection_,
                "SELECT name FROM sqlite_master WHERE name IN ('idx_transmissions_hash',"
                " 'idx_observations_transmission_id', 'idx_observations_observer_idx')");
  }
  /// The steps of SQLite's plan.
  [[nodiscard]] std::string plan(const std::string& sql) const {
    std::string steps;
    for (const std::string& row : rows(*connection_, "EXPLAIN QUERY PLAN " + sql))
      steps += row + '\n';
    return steps;
  }
  void fill(int observations) {
    connection_->execute(
        "INSERT INTO transmissions(raw_hex, hash, first_seen) VALUES ('', 'h', '')");
    connection_->execute(("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
                          " WHERE i < " +
                          std::to_string(observations) +
                          ") INSERT INTO observations(transmission_id, observer_idx, timestamp)"
                          " SELECT 1, i, i FROM n")
                             .c_str());
  }

  std::vector<std::string> log_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(LeanIndexes, AreLeftOutOfAFreshFileAndNothingIsSaid) {
  start(kLean);
  EXPECT_THAT(present(), IsEmpty());
  EXPECT_THAT(log_, IsEmpty());
  EXPECT_THAT(rows(*connection_,
                   "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name LIKE 'idx%'"),
              ElementsAre(std::to_string(indexes().size() - 3)));
}

TEST_F(LeanIndexes, AreDroppedFromAFileThatHasThem) {
  start({});
  EXPECT_THAT(log_, IsEmpty());
  start(kLean);
  EXPECT_THAT(present(), IsEmpty());
  EXPECT_THAT(log_,
              UnorderedElementsAre("database: dropping the index idx_transmissions_hash",
                                   "database: dropping the index idx_observations_transmission_id",
                                   "database: dropping the index idx_observations_observer_idx"));
  start(kLean);
  EXPECT_THAT(log_, IsEmpty()) << "the next start finds nothing to do";
}

TEST_F(LeanIndexes, ComeBackWithALineBeforeAndAfter) {
  start(kLean);
  start({});
  EXPECT_EQ(present().size(), 3U);
  ASSERT_EQ(log_.size(), 6U);
  EXPECT_EQ(log_[0], "database: building the index idx_transmissions_hash ON transmissions(hash)");
  EXPECT_EQ(log_[1], "database: built the index idx_transmissions_hash");
}

TEST_F(LeanIndexes, BuildingThemCanBeInterruptedAndLeavesTheFileAsItWas) {
  start(kLean);
  fill(60'000);
  int asked = 0;
  const auto refuse = [&] {
    ++asked;
    return false;
  };
  connection_.reset();
  EXPECT_EQ(error_kind_of([&] { open_with_schema({.keep_going = refuse}); }),
            StoreErrorKind::kInterrupted);
  EXPECT_EQ(asked, 1);
  start(kLean);
  EXPECT_THAT(present(), IsEmpty());
  EXPECT_THAT(rows(*connection_, "PRAGMA integrity_check"), ElementsAre("'ok'"));
}

TEST_F(LeanIndexes, WhoeverMayGoOnIsAskedNowAndThen) {
  start(kLean);
  fill(60'000);
  int asked = 0;
  const auto agree = [&] {
    ++asked;
    return true;
  };
  start({.keep_going = agree});
  EXPECT_EQ(present().size(), 3U);
  EXPECT_GT(asked, 0);
  const int then = asked;
  rows(*connection_, "SELECT sum(timestamp + observer_idx + score) FROM observations");
  EXPECT_EQ(asked, then) << "only the schema is made under supervision";
}

/// What ours and CoreScope's programs ask by the columns of the three.
constexpr const char* kQueries[] = {
    "SELECT id FROM transmissions WHERE hash = 'h'",
    "SELECT 1 FROM transmissions WHERE hash IN ('a', 'b')",
    "SELECT id FROM observations WHERE transmission_id = 1",
    "SELECT * FROM observations WHERE transmission_id IN (1, 2, 3) ORDER BY id",
    "SELECT count(*) FROM observations WHERE observer_idx = 1",
    "SELECT * FROM observations WHERE observer_idx = 1 ORDER BY timestamp DESC LIMIT 10",
    "SELECT max(timestamp) FROM observations WHERE observer_idx = 1",
    "SELECT o.id FROM transmissions t JOIN observations o ON o.transmission_id = t.id"
    " WHERE t.hash = 'h'",
    "SELECT t.hash FROM observers r JOIN observations o ON o.observer_idx = r.rowid"
    " JOIN transmissions t ON t.id = o.transmission_id WHERE r.id = 'A'",
    "SELECT * FROM packets_v WHERE hash = 'h'",
    // … and once more for the observations that refer to the row.
    "DELETE FROM transmissions WHERE hash = 'h'",
    "DELETE FROM observations WHERE transmission_id = 1",
};

TEST_F(LeanIndexes, NoQueryByTheirColumnsScansATable) {
  for (const SchemaOptions& options : {SchemaOptions{}, kLean}) {
    start(options);
    for (const char* query : kQueries)
      EXPECT_THAT(plan(query), AllOf(HasSubstr("SEARCH"), Not(HasSubstr("SCAN")))) << query;
  }
}

TEST_F(LeanIndexes, TheOnesThatCoverThemAreUsed) {
  start(kLean);
  EXPECT_THAT(plan("SELECT id FROM transmissions WHERE hash = 'h'"),
              HasSubstr("sqlite_autoindex_transmissions_1 (hash=?)"));
  EXPECT_THAT(plan("SELECT id FROM observations WHERE transmission_id = 1"),
              ContainsRegex("INDEX idx_observations_(tx_ts|dedup) \\(transmission_id="));
  EXPECT_THAT(plan("SELECT id FROM observations WHERE observer_idx = 1"),
              HasSubstr("INDEX idx_observations_observer_idx_timestamp (observer_idx=?)"));
}

}  // namespace
}  // namespace sluice
