#include "store/io_counter.h"

#include "store_fixture.h"

namespace sluice {
namespace {

class IoCounter : public StoreTest {};

TEST_F(IoCounter, ACommitSyncsAndWritesTheWalOnly) {
  const auto connection = open_with_schema();
  const IoCounts before = io_counts();
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('a')");
  connection->commit();
  const IoCounts after = io_counts();
  EXPECT_GE(after.wal_syncs, before.wal_syncs + 1);
  EXPECT_GE(after.wal_bytes, before.wal_bytes + 4096);
  EXPECT_EQ(after.db_syncs, before.db_syncs);
  EXPECT_EQ(after.db_bytes, before.db_bytes);
}

TEST_F(IoCounter, ACheckpointSyncsAndWritesTheDatabase) {
  const auto connection = open_with_schema();
  const IoCounts before = io_counts();
  EXPECT_TRUE(connection->checkpoint_passive().complete);
  const IoCounts after = io_counts();
  EXPECT_GE(after.db_syncs, before.db_syncs + 1);
  EXPECT_GE(after.db_bytes, before.db_bytes + 4096);
}

TEST_F(IoCounter, RegistersOnce) {
  EXPECT_STREQ(counting_vfs(), "sluice-counting");
  EXPECT_EQ(counting_vfs(), counting_vfs());
  EXPECT_NE(sqlite3_vfs_find(nullptr), sqlite3_vfs_find(counting_vfs()))
      << "must not become the default";
}

TEST_F(IoCounter, PassesOnWhatTheRealFilesCanDo) {
  // Memory mapping is a version 3 method; with it a table reads as without.
  const auto connection = open_with_schema();
  connection->execute("PRAGMA mmap_size = 1048576");
  connection->begin_immediate();
  connection->execute("INSERT INTO client_observers(pubkey) VALUES ('a'), ('b')");
  connection->commit();
  EXPECT_TRUE(connection->checkpoint_truncate().complete);
  EXPECT_THAT(rows(*connection, "PRAGMA mmap_size"), testing::ElementsAre("1048576"));
  EXPECT_THAT(rows(*connection, "SELECT pubkey FROM client_observers"),
              testing::ElementsAre("'a'", "'b'"));
}

}  // namespace
}  // namespace sluice
