#include "store/store_error.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace sluice {

namespace {

/// What a person can do about it, to be appended to a message; "" where nothing has to be done, or
/// the text says it already.
std::string_view advice(int sqlite_code) noexcept {
  switch (sqlite_code & 0xff) {
    case SQLITE_IOERR:
      if (store_error_kind(sqlite_code) == StoreErrorKind::kIo)
        return "; look for the disk in the kernel's log (dmesg)";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "; the user that runs this needs to write the file and its directory, and the file"
             " system must not be mounted read-only";
    case SQLITE_NOTADB:
      return "; is dbPath the right file?";
    default:
      break;
  }
  switch (store_error_kind(sqlite_code)) {
    case StoreErrorKind::kCorrupt:
      return "; stop everything that uses the file, copy it together with its -wal, and restore a"
             " backup or run the sqlite3 shell's .recover on the copy";
    case StoreErrorKind::kNoMemory:
      return "; allow the process more memory, or lower sluice.sqliteCacheKiB";
    default:
      return "";
  }
}

}  // namespace

bool StoreError::is_failed_sync() const noexcept {
  return extended_code_ == SQLITE_IOERR_FSYNC || extended_code_ == SQLITE_IOERR_DIR_FSYNC;
}

StoreErrorKind store_error_kind(int sqlite_code) noexcept {
  // Reported as failures of the disk, but something else.
  if (sqlite_code == SQLITE_IOERR_NOMEM) return StoreErrorKind::kNoMemory;
  if (sqlite_code == SQLITE_IOERR_CORRUPTFS || sqlite_code == SQLITE_IOERR_DATA)
    return StoreErrorKind::kCorrupt;
  switch (sqlite_code & 0xff) {
    case SQLITE_ERROR:
      return StoreErrorKind::kStatement;
    case SQLITE_NOMEM:
      return StoreErrorKind::kNoMemory;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // lost a race for the WAL's locks too often
      return StoreErrorKind::kBusy;
    case SQLITE_FULL:
      return StoreErrorKind::kFull;
    case SQLITE_IOERR:
      return StoreErrorKind::kIo;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return StoreErrorKind::kConstraint;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreErrorKind::kCorrupt;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return StoreErrorKind::kUnusable;
    case SQLITE_INTERRUPT:
      return StoreErrorKind::kInterrupted;
    default:
      return StoreErrorKind::kOther;
  }
}

StoreError make_store_error(sqlite3* database, int code, std::string_view doing) {
  // The connection's own code is the more telling one, as long as it is about this failure.
  int extended = code;
  const char* text = sqlite3_errstr(code);
  if (database != nullptr && (sqlite3_errcode(database) & 0xff) == (code & 0xff)) {
    extended = sqlite3_extended_errcode(database);
    text = sqlite3_errmsg(database);
  }
  return {store_error_kind(extended), extended,
          fmt::format("{}: {} (SQLite {}){}", doing, text, extended, advice(extended))};
}

StoreError to_store_error(const SQLite::Exception& error, std::string_view doing) {
  const int extended =
      error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode();
  return {store_error_kind(extended), extended,
          fmt::format("{}: {} (SQLite {}){}", doing, error.what(), extended, advice(extended))};
}

}  // namespace sluice
