#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
namespace SQLite {
class Exception;
}

namespace sluice {

/// What a caller can do about a failure of the database. Not persisted.
enum class StoreErrorKind {
  kBusy,        ///< another process holds the lock: keep the window and try again
  kFull,        ///< no space: keep the window and try again
  kIo,          ///< the disk failed: a few more attempts, unless it was an fsync
  kConstraint,  ///< this row can never be written
  kStatement,   ///< SQLite's general error: the schema is not ours, or this row can't be written
  kCorrupt,     ///< the file is damaged or is no database
  kUnusable,    ///< cannot be opened or written, or its schema is not ours
  kNoMemory,
  kInterrupted,  ///< by ourselves, see Connection::set_keep_going()
  kOther,
};

/// The environment's fault in everything that touches SQLite.
///
/// Thread: immutable.
class StoreError : public std::runtime_error {
 public:
  StoreError(StoreErrorKind kind, int extended_code, const std::string& message)
      : std::runtime_error(message), kind_(kind), extended_code_(extended_code) {}

  [[nodiscard]] StoreErrorKind kind() const noexcept { return kind_; }

  /// SQLite's extended result code; 0 when the failure is not SQLite's.
  [[nodiscard]] int extended_code() const noexcept { return extended_code_; }

  /// A failed fsync: what the kernel still holds is unknown, so a retry would lie (design 4, rule
  /// 4).
  [[nodiscard]] bool is_failed_sync() const noexcept;

 private:
  StoreErrorKind kind_;
  int extended_code_;
};

/// Sorts SQLite's result codes, plain or extended, by what can be done about them.
[[nodiscard]] StoreErrorKind store_error_kind(int sqlite_code) noexcept;

/// The error for a failed call on `database` (which may be null); `doing` says what was attempted.
/// Where nothing but a person can help, the message says how.
[[nodiscard]] StoreError make_store_error(sqlite3* database, int code, std::string_view doing);

[[nodiscard]] StoreError to_store_error(const SQLite::Exception& error, std::string_view doing);

}  // namespace sluice
