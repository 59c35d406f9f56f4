#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/file_lock.h"
#include "config/config.h"
#include "journal/journal_directory.h"

namespace sluice {

/// What lies beside the database and belongs to it: `<dbPath>-sluice`.
[[nodiscard]] std::filesystem::path companion_directory(const Config& config);

/// The lock of a database in that directory.
[[nodiscard]] std::filesystem::path database_lock_file(const Config& config);

/// Keeps a second Sluice off the database. Throws std::runtime_error.
[[nodiscard]] FileLock lock_database(const Config& config);

/// Where this configuration's journals are, locked together with the database.
///
/// Thread: main.
class JournalHome {
 public:
  /// Throws what lock_database() and JournalDirectory throw.
  explicit JournalHome(const Config& config);

  /// Where they are, as the database remembers it: an absolute path, or ":memory:".
  [[nodiscard]] std::string name() const;
  /// Null when the journals are kept in memory.
  [[nodiscard]] JournalDirectory* directory() noexcept {
    return directory_ ? &*directory_ : nullptr;
  }

 private:
  FileLock lock_;
  std::optional<JournalDirectory> directory_;
};

}  // namespace sluice
