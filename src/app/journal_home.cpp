#include "app/journal_home.h"

#include <fmt/format.h>

#include "base/log.h"
#include "journal/journal_error.h"

namespace sluice {

std::filesystem::path companion_directory(const Config& config) {
  return config.db_path + "-sluice";
}

std::filesystem::path database_lock_file(const Config& config) {
  return companion_directory(config) / "database.lock";
}

FileLock lock_database(const Config& config) { return FileLock(database_lock_file(config)); }

std::string misplaced_backlog(const Config& config) {
  const std::string& configured = config.sluice.journal.dir;
  const std::filesystem::path usual = companion_directory(config);
  std::error_code error;
  if (configured.empty() || std::filesystem::equivalent(usual, configured, error)) return "";
  // A journal that nobody reads any more would be a loss that nobody counts.
  for (const auto& entry : std::filesystem::directory_iterator(usual, error)) {
    if (entry.path().extension() != ".journal") continue;
    return fmt::format(
        "journal {} holds messages that were not written yet, and sluice.journal.dir is {}: start "
        "once without that key, or remove the file",
        entry.path().string(), configured);
  }
  return "";
}

std::string JournalHome::name() const {
  return directory_ ? std::filesystem::absolute(directory_->path()).string() : ":memory:";
}

JournalHome::JournalHome(const Config& config) : lock_(lock_database(config)) {
  const std::string& configured = config.sluice.journal.dir;
  if (const std::string problem = misplaced_backlog(config); !problem.empty())
    throw JournalError(problem);
  if (configured == ":memory:") {
    log_warn("journal: kept in memory, as configured: what is not committed is lost in a crash");
    return;
  }
  directory_.emplace(configured.empty() ? companion_directory(config)
                                        : std::filesystem::path(configured));
}

}  // namespace sluice
