#include "app/journal_home.h"

#include <fmt/format.h>

#include "base/log.h"
#include "journal/journal_error.h"

namespace sluice {

std::filesystem::path companion_directory(const Config& config) {
  return config.db_path + "-sluice";
}

FileLock lock_database(const Config& config) {
  return FileLock(companion_directory(config) / "database.lock");
}

namespace {

/// A journal that nobody reads any more would be a loss that nobody counts.
void require_no_backlog_in(const std::filesystem::path& usual, const std::string& configured) {
  std::error_code error;
  if (std::filesystem::equivalent(usual, configured, error)) return;
  for (const auto& entry : std::filesystem::directory_iterator(usual)) {
    if (entry.path().extension() != ".journal") continue;
    throw JournalError(fmt::format(
        "journal {} holds messages that were not written yet, and sluice.journal.dir is {}: start "
        "once without that key, or remove the file",
        entry.path().string(), configured));
  }
}

}  // namespace

JournalHome::JournalHome(const Config& config) : lock_(lock_database(config)) {
  const std::string& configured = config.sluice.journal.dir;
  if (!configured.empty()) require_no_backlog_in(companion_directory(config), configured);
  if (configured == ":memory:") {
    log_warn("journal: kept in memory, as configured: what is not committed is lost in a crash");
    return;
  }
  directory_.emplace(configured.empty() ? companion_directory(config)
                                        : std::filesystem::path(configured));
}

}  // namespace sluice
