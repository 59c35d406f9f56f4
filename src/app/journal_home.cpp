#include "app/journal_home.h"

#include "base/log.h"

namespace sluice {

std::filesystem::path companion_directory(const Config& config) {
  return config.db_path + "-sluice";
}

std::filesystem::path database_lock_file(const Config& config) {
  return companion_directory(config) / "database.lock";
}

FileLock lock_database(const Config& config) { return FileLock(database_lock_file(config)); }

std::string JournalHome::name() const {
  return directory_ ? std::filesystem::absolute(directory_->path()).string() : ":memory:";
}

JournalHome::JournalHome(const Config& config) : lock_(lock_database(config)) {
  const std::string& configured = config.sluice.journal.dir;
  if (configured == ":memory:") {
    log_warn("journal: kept in memory, as configured: what is not committed is lost in a crash");
    return;
  }
  directory_.emplace(configured.empty() ? companion_directory(config)
                                        : std::filesystem::path(configured));
}

}  // namespace sluice
