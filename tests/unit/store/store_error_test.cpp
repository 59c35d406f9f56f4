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
      {SQLITE_NOMEM, StoreErrorKind::kOther},
      {SQLITE_ERROR, StoreErrorKind::kOther},
  };
  for (const auto& [code, kind] : cases) EXPECT_EQ(store_error_kind(code), kind) << code;
}

TEST(StoreErrorSync, OnlyAFailedFsyncIsOne) {
  EXPECT_TRUE(make_store_error(nullptr, SQLITE_IOERR_FSYNC, "x").is_failed_sync());
  EXPECT_TRUE(make_store_error(nullptr, SQLITE_IOERR_DIR_FSYNC, "x").is_failed_sync());
  EXPECT_FALSE(make_store_error(nullptr, SQLITE_IOERR_WRITE, "x").is_failed_sync());
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
