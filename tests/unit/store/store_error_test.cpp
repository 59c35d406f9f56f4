#include "store/store_error.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "store_fixture.h"

namespace sluice {
namespace {

TEST(StoreErrorKindOf, SortsPlainAndExtendedCodes) {
  const std::pair<int, StoreErrorKind> cases[] = {
      {SQLITE_BUSY, StoreErrorKind::kBusy},
      {SQLITE_BUSY_SNAPSHOT, StoreErrorKind::kBusy},
      {SQLITE_BUSY_RECOVERY, StoreErrorKind::kBusy},
      {SQLITE_LOCKED, StoreErrorKind::kBusy},
      {SQLITE_FULL, StoreErrorKind::kFull},
      {SQLITE_IOERR_WRITE, StoreErrorKind::kIo},
      {SQLITE_IOERR_FSYNC, StoreErrorKind::kIo},
      {SQLITE_CONSTRAINT_UNIQUE, StoreErrorKind::kConstraint},
      {SQLITE_TOOBIG, StoreErrorKind::kConstraint},
      {SQLITE_CORRUPT_INDEX, StoreErrorKind::kCorrupt},
      {SQLITE_NOTADB, StoreErrorKind::kCorrupt},
      {SQLITE_CANTOPEN_ISDIR, StoreErrorKind::kUnusable},
      {SQLITE_READONLY, StoreErrorKind::kUnusable},
      {SQLITE_IOERR_CORRUPTFS, StoreErrorKind::kCorrupt},
      {SQLITE_NOMEM, StoreErrorKind::kNoMemory},
      {SQLITE_IOERR_NOMEM, StoreErrorKind::kNoMemory},
      {SQLITE_ERROR, StoreErrorKind::kStatement},
      {SQLITE_INTERRUPT, StoreErrorKind::kInterrupted},
      {SQLITE_MISUSE, StoreErrorKind::kOther},
  };
  for (const auto& [code, kind] : cases) EXPECT_EQ(store_error_kind(code), kind) << code;
}

TEST(StoreErrorSync, OnlyAFailedFsyncIsOne) {
  EXPECT_TRUE(make_store_error(nullptr, SQLITE_IOERR_FSYNC, "x").is_failed_sync());
  EXPECT_TRUE(make_store_error(nullptr, SQLITE_IOERR_DIR_FSYNC, "x").is_failed_sync());
  EXPECT_FALSE(make_store_error(nullptr, SQLITE_IOERR_WRITE, "x").is_failed_sync());
}

TEST(StoreErrorText, SaysWhatToDoWhereOnlyAPersonCanHelp) {
  const std::pair<int, const char*> cases[] = {
      {SQLITE_IOERR_READ, "dmesg"},        {SQLITE_IOERR_FSYNC, "dmesg"},
      {SQLITE_READONLY, "read-only"},      {SQLITE_CANTOPEN, "directory"},
      {SQLITE_CORRUPT_INDEX, ".recover"},  {SQLITE_NOTADB, "dbPath"},
      {SQLITE_NOMEM, "sqliteCacheKiB"},    {SQLITE_IOERR_NOMEM, "sqliteCacheKiB"},
      {SQLITE_IOERR_CORRUPTFS, "restore"},
  };
  for (const auto& [code, advice] : cases)
    EXPECT_THAT(make_store_error(nullptr, code, "x").what(), testing::HasSubstr(advice)) << code;
  for (const int code : {SQLITE_BUSY, SQLITE_FULL, SQLITE_CONSTRAINT})
    EXPECT_THAT(make_store_error(nullptr, code, "x").what(), testing::EndsWith(")")) << code;
}

TEST(StoreErrorConversion, KeepsSQLiteCppsCodeAndMessage) {
  try {
    SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
    database.exec("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
    database.exec("INSERT INTO t VALUES (1)");
    FAIL();
  } catch (const SQLite::Exception& error) {
    const StoreError converted = to_store_error(error, "doing this");
    EXPECT_EQ(converted.kind(), StoreErrorKind::kConstraint);
    EXPECT_EQ(converted.extended_code(), SQLITE_CONSTRAINT_UNIQUE);
    EXPECT_THAT(converted.what(), testing::HasSubstr("doing this: UNIQUE constraint failed"));
  }
}

}  // namespace
}  // namespace sluice
