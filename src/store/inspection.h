#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

enum class WriteLock {
  kUnknown,  ///< could not be tried: the file is read-only for us
  kFree,
  kHeld,  ///< by another process, for as long as we waited
};

/// What can be said of a database file without changing it.
struct DatabaseInspection {
  bool exists = false;
  /// Why the file can't be used at all; '' if it can.
  std::string problem;
  /// Has no tables yet, so the schema will be made.
  bool fresh = false;
  /// As missing_columns() tells them; a file with any of these is refused.
  std::vector<std::string> missing;
  /// Nothing could be read, since another process holds the file for itself. A start waits for it.
  bool locked = false;
  /// `table.column` beyond the common schema that are filled when they are there.
  std::vector<std::string> known_extras;
  /// … and those that stay NULL.
  std::vector<std::string> foreign_extras;
  /// Names of indexes that the file lacks and needs in any case.
  std::vector<std::string> missing_indexes;
  /// Of those that others cover: the ones that it lacks, and the ones that it has.
  std::vector<std::string> redundant_missing;
  std::vector<std::string> redundant_present;
  WriteLock write_lock = WriteLock::kUnknown;
  std::string journal_mode;
  /// 0 none, 1 full, 2 incremental, as SQLite counts them.
  std::int64_t auto_vacuum = 0;
  std::int64_t transmissions = 0;  ///< the highest id, which costs nothing to find
  std::int64_t observations = 0;   ///< likewise
};

/// Opens the file read-only, looks, and closes it. For the lock it opens it once more, begins a
/// transaction and ends it without having written; a write-ahead log stays as it is. Throws
/// nothing but std::bad_alloc: what goes wrong is in `problem`.
///
/// `patience`: how long to wait for the write lock; by default as long as Connection does when it
/// opens a file.
[[nodiscard]] DatabaseInspection inspect_database(
    const std::string& path, std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace sluice
