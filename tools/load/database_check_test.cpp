#include "database_check.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "message_template.h"
#include "packet/content_hash.h"
#include "visibility_watch.h"

namespace sluice {
namespace {

constexpr const char* kPath = R"(["AB","CD"])";

/// A database with what a load test looks at, as an ingestor would have it.
class DatabaseCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-load-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_EQ(sqlite3_open((folder_ + "/mesh.db").c_str(), &writer_), SQLITE_OK);
    execute(
        "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"
        "CREATE TABLE observers(id TEXT PRIMARY KEY, packet_count INTEGER);"
        "CREATE TABLE transmissions(id INTEGER PRIMARY KEY, hash TEXT UNIQUE);"
        "CREATE TABLE observations(id INTEGER PRIMARY KEY AUTOINCREMENT, transmission_id INTEGER, "
        "observer_idx INTEGER, path_json TEXT);"
        "INSERT INTO observers VALUES ('somebody', 5), ('RUN0', 3), ('RUN1', 4)");
  }
  void TearDown() override {
    sqlite3_close(writer_);
    std::filesystem::remove_all(folder_);
  }

  void execute(const std::string& sql) {
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(writer_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  }

  /// An observation by the observer with this rowid.
  void store(std::uint64_t hash, int rowid, const std::string& path = kPath) {
    execute(
        fmt::format("INSERT OR IGNORE INTO transmissions(hash) VALUES ('{:016x}');"
                    "INSERT INTO observations(transmission_id, observer_idx, path_json) "
                    "SELECT id, {}, '{}' FROM transmissions WHERE hash = '{:016x}'",
                    hash, rowid, path, hash));
  }

  void publish(std::uint64_t hash, std::uint32_t observer) {
    Published entry;
    entry.key = row_key(hash, observer, path_hash_of(kPath));
    entry.message = static_cast<std::uint32_t>(published_.size());
    published_.push_back({hash, observer});
    log_.push_back(entry);
  }

  DatabaseCheckResult compare(std::int64_t first_id = 0, std::int64_t last_id = 1'000'000) {
    const ReadOnlyDatabase database(folder_ + "/mesh.db");
    ObserverRows rows(database, observers_, "RUN");
    EXPECT_EQ(rows.refresh(), 2U);
    DatabaseCheck check(database, rows);
    return check.compare(
        expected_rows(log_), first_id, last_id, [](const ExpectedRow&, std::int64_t) {},
        [this](const ExpectedRow& row) {
          const auto& [hash, observer] = published_[row.message];
          return DatabaseCheck::Identity{hash, observers_[observer].id, kPath};
        });
  }

  std::string folder_;
  sqlite3* writer_ = nullptr;
  const std::vector<LoadObserver> observers_ = {{"RUN0", "SFO"}, {"RUN1", "LAX"}};
  std::vector<std::pair<std::uint64_t, std::uint32_t>> published_;
  std::vector<Published> log_;
};

TEST_F(DatabaseCheckTest, FindsEverything) {
  for (std::uint64_t hash = 1; hash <= 5000; ++hash) {
    publish(hash, hash % 2);
    store(hash, hash % 2 == 0 ? 2 : 3);
  }
  const DatabaseCheckResult result = compare();
  EXPECT_EQ(result.found, 5000U);
  EXPECT_TRUE(result.missing.empty());
  EXPECT_EQ(result.twice + result.unknown + result.earlier, 0U);
}

TEST_F(DatabaseCheckTest, NamesWhatIsMissing) {
  for (std::uint64_t hash = 1; hash <= 3000; ++hash) {
    publish(hash, 0);
    store(hash, 2);
  }
  execute("DELETE FROM observations WHERE id IN (1, 17, 3000)");
  const DatabaseCheckResult result = compare();
  EXPECT_EQ(result.found, 2997U);
  ASSERT_EQ(result.missing.size(), 3U);
  std::vector<std::uint64_t> hashes;
  for (const ExpectedRow& row : result.missing) hashes.push_back(published_[row.message].first);
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(hashes, (std::vector<std::uint64_t>{1, 17, 3000}));
}

TEST_F(DatabaseCheckTest, ExpectsOneRowOfRepeats) {
  publish(1, 0);
  publish(1, 0);
  publish(1, 1);
  store(1, 2);
  store(1, 3);
  const DatabaseCheckResult result = compare();
  EXPECT_EQ(result.found, 2U);
  EXPECT_TRUE(result.missing.empty());
}

TEST_F(DatabaseCheckTest, SeesARepeatThatWasNotMerged) {
  publish(1, 0);
  store(1, 2);
  store(1, 2);
  EXPECT_EQ(compare().twice, 1U);
}

TEST_F(DatabaseCheckTest, SeesARowThatNobodyPublished) {
  publish(1, 0);
  store(1, 2);
  store(1, 2, "[]");
  EXPECT_EQ(compare().unknown, 1U);
}

TEST_F(DatabaseCheckTest, PassesOverOtherPeoplesRows) {
  publish(1, 0);
  store(1, 2);
  store(1, 1);
  execute("INSERT INTO observations(transmission_id, observer_idx) VALUES (1, NULL)");
  const DatabaseCheckResult result = compare();
  EXPECT_EQ(result.found, 1U);
  EXPECT_EQ(result.unknown + result.twice, 0U);
}

TEST_F(DatabaseCheckTest, FindsARowThatWasThereBefore) {
  store(1, 2);
  store(2, 2);
  publish(1, 0);
  publish(2, 0);
  const DatabaseCheckResult result = compare(1);
  EXPECT_EQ(result.found, 1U);
  EXPECT_EQ(result.earlier, 1U);
  EXPECT_TRUE(result.missing.empty());
}

TEST_F(DatabaseCheckTest, CountsTheRunsOwnRows) {
  for (std::uint64_t hash = 1; hash <= 10; ++hash) store(hash, hash % 2 == 0 ? 1 : 2);
  const ReadOnlyDatabase database(folder_ + "/mesh.db");
  ObserverRows rows(database, observers_, "RUN");
  rows.refresh();
  EXPECT_EQ(rows.messages_counted(), 7U);
  EXPECT_EQ(DatabaseCheck(database, rows).count(0, 10), 5U);
  EXPECT_EQ(DatabaseCheck(database, rows).count(4, 10), 3U);
}

TEST_F(DatabaseCheckTest, KnowsWhichObserversHaveNotCome) {
  execute("DELETE FROM observers WHERE id = 'RUN0'");
  const ReadOnlyDatabase database(folder_ + "/mesh.db");
  ObserverRows rows(database, observers_, "RUN");
  EXPECT_EQ(rows.refresh(), 1U);
  EXPECT_EQ(rows.missing(), (std::vector<bool>{true, false}));
}

TEST_F(DatabaseCheckTest, RefusesAFileThatIsNotThere) {
  EXPECT_THROW(ReadOnlyDatabase(folder_ + "/nothing.db"), std::runtime_error);
}

TEST_F(DatabaseCheckTest, WritesNothing) {
  const ReadOnlyDatabase database(folder_ + "/mesh.db");
  ReadQuery write(database, "DELETE FROM observations");
  EXPECT_THROW(static_cast<void>(write.step()), std::runtime_error);
}

TEST_F(DatabaseCheckTest, TellsWhenEachRowBecameVisible) {
  store(1, 2);
  const ReadOnlyDatabase database(folder_ + "/mesh.db");
  ObserverRows rows(database, observers_, "RUN");
  rows.refresh();
  VisibilityWatch watch(database, rows);
  watch.begin_step();
  store(2, 2);
  store(3, 1);
  watch.look(0.5);
  watch.look(0.6);
  store(4, 3);
  watch.look(0.7);
  EXPECT_EQ(watch.rows(), 2U);
  EXPECT_EQ(watch.first_id(), 1);
  EXPECT_EQ(watch.last_id(), 4);
  EXPECT_EQ(watch.visible_at(2), 0.5);
  EXPECT_EQ(watch.visible_at(4), 0.7);
  EXPECT_EQ(watch.last_news(), 0.7);
}

}  // namespace
}  // namespace sluice
