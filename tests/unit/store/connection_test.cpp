#include "store/connection.h"

#include <fstream>

#include <sys/stat.h>

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConnectionTest : public StoreTest {
 protected:
  std::unique_ptr<Connection> open() {
    return std::make_unique<Connection>(ConnectionOptions{path()});
  }
};

TEST_F(ConnectionTest, CreatesTheDirectoryForTheGroupToRead) {
  const auto connection = open();
  struct stat status {};
  ASSERT_EQ(::stat((directory() / "sub").c_str(), &status), 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(status.st_mode & 0777, 0755 & ~mask);
}

TEST_F(ConnectionTest, AFileInTheDirectorysPlaceIsNamed) {
  std::ofstream(directory() / "sub") << "not a directory";
  const auto error = error_of([&] { open(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_THAT(error->what(), HasSubstr((directory() / "sub").string()));
  EXPECT_THAT(error->what(), HasSubstr("in the way"));
}

TEST_F(ConnectionTest, AFileHigherUpIsNamedToo) {
  std::ofstream(directory() / "file") << "not a directory";
  const std::string below = (directory() / "file" / "deeper" / "test.db").string();
  const auto error = error_of([&] { Connection connection({below}); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr((directory() / "file").string()));
}

TEST_F(ConnectionTest, ADirectoryInTheFilesPlaceIsUnusable) {
  std::filesystem::create_directories(path());
  const auto error = error_of([&] { open(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_THAT(error->what(), HasSubstr(path()));
}

TEST_F(ConnectionTest, WhatIsNoDatabaseIsCorrupt) {
  std::filesystem::create_directories(directory() / "sub");
  std::ofstream(path()) << std::string(8192, 'x');
  EXPECT_EQ(error_kind_of([&] { open(); }), StoreErrorKind::kCorrupt);
}

TEST_F(ConnectionTest, WithoutAWriteAheadLogNothingIsOpened) {
  const auto error = error_of([&] { Connection connection({":memory:"}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_THAT(error->what(), HasSubstr("write-ahead log"));
}

TEST_F(ConnectionTest, AFileNameAloneNeedsNoDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory());
  { Connection connection({"alone.db"}); }
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(directory() / "alone.db"));
}

TEST_F(ConnectionTest, SetsThePragmas) {
  const auto connection = open();
  const std::pair<const char*, const char*> pragmas[] = {
      {"busy_timeout", "5000"},     {"auto_vacuum", "2"},  {"foreign_keys", "0"},
      {"journal_mode", "'wal'"},    {"synchronous", "2"},  {"wal_autocheckpoint", "0"},
      {"cache_size", "-16384"},     {"temp_store", "0"},   {"page_size", "4096"},
      {"locking_mode", "'normal'"}, {"user_version", "0"}, {"application_id", "0"},
  };
  for (const auto& [name, value] : pragmas)
    EXPECT_THAT(rows(*connection, std::string("PRAGMA ") + name), ElementsAre(value)) << name;
  connection->set_busy_timeout(std::chrono::milliseconds(0));
  EXPECT_THAT(rows(*connection, "PRAGMA busy_timeout"), ElementsAre("0"));
}

TEST_F(ConnectionTest, TheCacheIsTheOperatorsChoice) {
  const Connection connection({path(), 4096});
  EXPECT_THAT(rows(connection, "PRAGMA cache_size"), ElementsAre("-4096"));
}

TEST_F(ConnectionTest, CountsWhatItCommitted) {
  const auto connection = open_with_schema();
  const auto before = connection->commits();
  connection->begin_immediate();
  EXPECT_TRUE(connection->in_transaction());
  connection->rollback();
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(connection->commits(), before);
  connection->begin_immediate();
  connection->commit();
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(connection->commits(), before + 1);
}

TEST_F(ConnectionTest, RollbackWithoutATransactionDoesNothing) {
  const auto connection = open();
  connection->rollback();
  connection->rollback();
}

TEST_F(ConnectionTest, ALockHeldElsewhereIsBusyAndCanBeRetried) {
  const auto connection = open_with_schema();
  connection->set_busy_timeout(std::chrono::milliseconds(0));
  OtherProcess other(path());
  other.execute("BEGIN IMMEDIATE");
  for (int attempt = 0; attempt < 3; ++attempt)
    EXPECT_EQ(error_kind_of([&] { connection->begin_immediate(); }), StoreErrorKind::kBusy);
  EXPECT_FALSE(connection->in_transaction());
  other.execute("COMMIT");
  connection->begin_immediate();
  connection->commit();
}

TEST_F(ConnectionTest, ASavepointUndoesOnlyWhatFollowsIt) {
  const auto connection = open_with_schema();
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('before')");
  connection->savepoint();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('undone')");
  connection->rollback_to_savepoint();
  connection->savepoint();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('kept')");
  connection->release_savepoint();
  connection->commit();
  EXPECT_THAT(rows(*connection, "SELECT pubkey FROM client_observers ORDER BY rowid"),
              ElementsAre("'before'", "'kept'"));
}

TEST_F(ConnectionTest, TheDataVersionShowsOthersCommitsOnly) {
  const auto connection = open_with_schema();
  const auto before = connection->data_version();
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('ours')");
  connection->commit();
  EXPECT_EQ(connection->data_version(), before);
  OtherProcess(path()).execute("INSERT INTO client_observers(pubkey) VALUES ('theirs')");
  connection->begin_immediate();
  EXPECT_NE(connection->data_version(), before);
  connection->rollback();
}

TEST_F(ConnectionTest, TheWalGrowsByCommitsUntilACheckpointCutsIt) {
  const auto connection = open_with_schema();
  const auto before = connection->wal_pages();
  EXPECT_GT(before, 0);
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('a')");
  connection->commit();
  EXPECT_GT(connection->wal_pages(), before);

  const CheckpointResult passive = connection->checkpoint_passive();
  EXPECT_TRUE(passive.complete);
  EXPECT_GT(passive.wal_pages, before);
  EXPECT_EQ(passive.moved_pages, passive.wal_pages);

  EXPECT_TRUE(connection->checkpoint_truncate().complete);
  EXPECT_EQ(connection->wal_pages(), 0);
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0U);
}

TEST_F(ConnectionTest, ACheckpointThatAReaderHoldsUpIsIncompleteNotAnError) {
  const auto connection = open_with_schema();
  connection->set_busy_timeout(std::chrono::milliseconds(0));
  OtherProcess reader(path());
  reader.execute("BEGIN; SELECT count(*) FROM nodes");
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('a')");
  connection->commit();
  const CheckpointResult passive = connection->checkpoint_passive();
  EXPECT_FALSE(passive.complete);
  EXPECT_LT(passive.moved_pages, passive.wal_pages);
  EXPECT_FALSE(connection->checkpoint_truncate().complete);
  reader.execute("COMMIT");
  EXPECT_TRUE(connection->checkpoint_truncate().complete);
}

TEST_F(ConnectionTest, ClosingLeavesNoWalBehind) {
  const auto connection = open_with_schema();
  connection->close();
  EXPECT_FALSE(std::filesystem::exists(path() + "-wal"));
  connection->close();
}

TEST_F(ConnectionTest, ClosingBesideAReaderEmptiesTheWal) {
  const auto connection = open_with_schema();
  OtherProcess reader(path());
  reader.execute("SELECT count(*) FROM nodes");
  connection->close();
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0U);
}

TEST_F(ConnectionTest, ClosingEndsAnOpenTransaction) {
  const auto connection = open_with_schema();
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('a')");
  connection->close();
  EXPECT_THAT(rows(OtherProcess(path()).handle(), "SELECT * FROM client_observers"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace sluice
