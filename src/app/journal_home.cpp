#include "app/journal_home.h"

#include "base/log.h"

namespace sluice {

std::filesystem::path companion_directory(const Config& config) {
  return config.db_path + "-sluice";
}

FileLock lock_database(const Config& config) {
  return FileLock(companion_directory(config) / "database.lock");
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
