#include "store/inspection.h"

#include <filesystem>
#include <fstream>

#include "store_fixture.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InspectDatabase : public StoreTest {
 protected:
  void make_file() { open_with_schema()->close(); }
};

TEST_F(InspectDatabase, AFileThatIsNotThereIsNoProblem) {
  const DatabaseInspection inspection = inspect_database(path());
  EXPECT_FALSE(inspection.exists);
  EXPECT_EQ(inspection.problem, "");
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(InspectDatabase, OurOwnFileIsComplete) {
  make_file();
  const DatabaseInspection inspection = inspect_database(path());
  EXPECT_EQ(inspection.problem, "");
  EXPECT_FALSE(inspection.fresh);
  EXPECT_THAT(inspection.missing, IsEmpty());
  EXPECT_THAT(inspection.known_extras, IsEmpty());
  EXPECT_THAT(inspection.foreign_extras, IsEmpty());
  EXPECT_EQ(inspection.journal_mode, "wal");
  EXPECT_EQ(inspection.auto_vacuum, 2);
  EXPECT_EQ(inspection.write_lock, WriteLock::kFree);
}

TEST_F(InspectDatabase, NamesWhatIsMissingAndWhatIsMore) {
  {
    const auto connection = open_with_schema();
    connection->execute("DROP VIEW packets_v");
    connection->execute("DROP TABLE client_receptions");
    connection->execute("ALTER TABLE observers DROP COLUMN can_relay_seen");
    connection->execute("ALTER TABLE transmissions ADD COLUMN code1 INTEGER");
    connection->execute("ALTER TABLE nodes ADD COLUMN mood TEXT");
  }
  const DatabaseInspection inspection = inspect_database(path());
  EXPECT_THAT(inspection.missing,
              testing::UnorderedElementsAre("table client_receptions", "observers.can_relay_seen"));
  EXPECT_THAT(inspection.known_extras, ElementsAre("transmissions.code1"));
  EXPECT_THAT(inspection.foreign_extras, ElementsAre("nodes.mood"));
}

TEST_F(InspectDatabase, TellsTheIndexesThatOthersCoverFromTheRest) {
  open_with_schema({.redundant_indexes = false})->execute("DROP INDEX idx_tx_scope_name");
  const DatabaseInspection lean = inspect_database(path());
  EXPECT_THAT(lean.missing_indexes, ElementsAre("idx_tx_scope_name"));
  EXPECT_THAT(lean.redundant_missing, testing::UnorderedElementsAre(
                                          "idx_transmissions_hash", "idx_observations_observer_idx",
                                          "idx_observations_transmission_id"));
  EXPECT_THAT(lean.redundant_present, IsEmpty());
  make_file();
  const DatabaseInspection full = inspect_database(path());
  EXPECT_THAT(full.missing_indexes, IsEmpty());
  EXPECT_THAT(full.redundant_missing, IsEmpty());
  EXPECT_EQ(full.redundant_present.size(), 3U);
}

TEST_F(InspectDatabase, AFileWithoutTablesIsFresh) {
  Connection({.path = path()}).close();
  EXPECT_TRUE(inspect_database(path()).fresh);
}

TEST_F(InspectDatabase, SomethingElseIsAProblem) {
  make_file();
  std::filesystem::remove(path());
  std::ofstream(path()) << std::string(4096, 'x');
  EXPECT_NE(inspect_database(path()).problem, "");
  EXPECT_EQ(inspect_database(directory().string()).problem, "not a file");
}

TEST_F(InspectDatabase, NamesRowsInTheWayOfAUniqueIndexThatIsMissing) {
  {
    const auto connection = open_with_schema();
    connection->execute(
        "DROP INDEX idx_observations_dedup;"
        "INSERT INTO transmissions(raw_hex, hash, first_seen) VALUES ('', 'h', '');"
        "INSERT INTO observations(transmission_id, observer_idx, path_json, timestamp)"
        " VALUES (1, 1, '[]', 1), (1, NULL, '[]', 1), (1, NULL, '[]', 1), (1, 2, '[]', 1)");
  }
  EXPECT_EQ(inspect_database(path()).problem, "") << "the index can be made";
  OtherProcess(path()).execute(
      "INSERT INTO observations(transmission_id, observer_idx, path_json, timestamp)"
      " VALUES (1, 2, '[]', 9)");
  EXPECT_THAT(inspect_database(path()).problem, testing::HasSubstr("idx_observations_dedup"));
  const auto error = error_of([&] { open_with_schema(); });
  ASSERT_TRUE(error) << "and the start agrees";
  EXPECT_THAT(error->what(), testing::HasSubstr("idx_observations_dedup"));
  // What configs/README.md says helps.
  OtherProcess(path()).execute(
      "DELETE FROM observations WHERE observer_idx IS NOT NULL AND id NOT IN (SELECT min(id) FROM "
      "observations GROUP BY transmission_id, observer_idx, COALESCE(path_json, ''))");
  EXPECT_EQ(inspect_database(path()).problem, "");
  const auto connection = open_with_schema();
  EXPECT_THAT(rows(*connection, "SELECT count(*) FROM observations"), ElementsAre("4"));
}

TEST_F(InspectDatabase, AFileThatAnotherProcessHasForItselfIsNoProblem) {
  make_file();
  OtherProcess other(path());
  other.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT");
  const DatabaseInspection inspection = inspect_database(path(), 0ms);
  EXPECT_EQ(inspection.problem, "");
  EXPECT_TRUE(inspection.locked);
}

TEST_F(InspectDatabase, FindsALockThatIsHeld) {
  const auto connection = open_with_schema();
  connection->begin_immediate();
  EXPECT_EQ(inspect_database(path(), 0ms).write_lock, WriteLock::kHeld);
  connection->rollback();
  EXPECT_EQ(inspect_database(path(), 0ms).write_lock, WriteLock::kFree);
}

TEST_F(InspectDatabase, LeavesNoFilesBehindThatWereNotThere) {
  make_file();
  ASSERT_FALSE(std::filesystem::exists(path() + "-wal"));
  static_cast<void>(inspect_database(path()));
  EXPECT_FALSE(std::filesystem::exists(path() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path() + "-shm"));
}

TEST_F(InspectDatabase, LeavesTheLogOfADeadProcessToItsHeir) {
  const auto connection = open_with_schema();
  connection->execute("INSERT INTO sluice_meta(key, value) VALUES ('k', 'v')");
  // A copy of all files is what a killed process leaves.
  const std::string copy = (directory() / "copy.db").string();
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::copy_file(path() + suffix, copy + suffix);
  const auto size = std::filesystem::file_size(copy + "-wal");
  ASSERT_GT(size, 0U);
  EXPECT_EQ(inspect_database(copy).problem, "");
  EXPECT_EQ(std::filesystem::file_size(copy + "-wal"), size);
}

}  // namespace
}  // namespace sluice
