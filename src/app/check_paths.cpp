#include "app/check_paths.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "app/journal_home.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

fs::path directory_of(const fs::path& file) {
  const fs::path parent = file.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// Why no file can be made in this directory, which need not exist yet if it `may_be_made`.
std::optional<std::string> why_not_writable(fs::path directory, bool may_be_made) {
  std::error_code error;
  while (may_be_made && !fs::exists(directory, error)) {
    if (error) return fmt::format("{}: {}", directory.string(), error.message());
    directory = directory_of(directory);
  }
  if (!fs::exists(directory, error))
    return fmt::format("the directory {} does not exist", directory.string());
  if (!fs::is_directory(directory, error))
    return fmt::format("{} is in the way, it is no directory", directory.string());
  if (access(directory.c_str(), W_OK | X_OK) != 0)
    return fmt::format("the directory {}: {}", directory.string(), std::strerror(errno));
  return std::nullopt;
}

void examine_database(const Config& config, std::vector<Finding>& findings) {
  const fs::path file(config.db_path);
  std::error_code error;
  // The directory must be writable even if the file exists: the write-ahead log is made beside it.
  if (const auto problem = why_not_writable(directory_of(file), true)) {
    findings.push_back({Severity::kProblem, "dbPath", *problem});
  } else if (fs::is_directory(file, error)) {
    findings.push_back({Severity::kProblem, "dbPath",
                        fmt::format("{} is a directory, not a file", config.db_path)});
  } else if (fs::exists(file, error) && access(file.c_str(), R_OK | W_OK) != 0) {
    findings.push_back({Severity::kProblem, "dbPath",
                        fmt::format("{}: {}", config.db_path, std::strerror(errno))});
  }
}

/// Why the file can't be opened for writing, if it is there.
std::optional<std::string> why_not_usable(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  if (descriptor < 0) return fmt::format("{}: {}", file.string(), std::strerror(errno));
  close(descriptor);
  return std::nullopt;
}

/// Why no journals can be kept in this directory, or those in it not be read.
std::optional<std::string> why_no_journals(const fs::path& directory) {
  if (auto problem = why_not_writable(directory, true)) return problem;
  if (auto problem = why_not_usable(directory / "lock")) return problem;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".journal") continue;
    if (auto problem = why_not_usable(entry.path())) return problem;
  }
  return std::nullopt;
}

/// What lies beside the database; that it can be made is up to the database's directory.
std::optional<std::string> why_no_companion(const Config& config) {
  const fs::path directory = companion_directory(config);
  std::error_code error;
  if (!fs::exists(directory, error)) return std::nullopt;
  if (auto problem = why_not_writable(directory, false)) return problem;
  return why_not_usable(database_lock_file(config));
}

/// A journal in the usual place though the configuration names another. Whether messages wait in it
/// the database tells, at the start.
std::optional<std::string> misplaced_journal(const Config& config) {
  const std::string& configured = config.sluice.journal.dir;
  const fs::path usual = companion_directory(config);
  std::error_code error;
  if (configured.empty() || fs::equivalent(usual, configured, error)) return std::nullopt;
  for (const fs::directory_entry& entry : fs::directory_iterator(usual, error)) {
    if (entry.path().extension() != ".journal") continue;
    return fmt::format(
        "a journal lies in the usual place, {}: if messages wait in it, the start refuses; start "
        "once without this key then",
        entry.path().string());
  }
  return std::nullopt;
}

void examine_journal(const Config& config, std::vector<Finding>& findings) {
  const std::string& dir = config.sluice.journal.dir;
  const bool in_memory = dir == ":memory:";
  if (in_memory) {
    findings.push_back({Severity::kWarning, "sluice.journal.dir",
                        "in memory: what is not committed is lost in a crash"});
  }
  std::optional<std::string> problem = why_no_companion(config);
  if (!problem && dir.empty() && fs::exists(companion_directory(config)))
    problem = why_no_journals(companion_directory(config));
  if (problem) findings.push_back({Severity::kProblem, "dbPath", *problem});
  if (const auto misplaced = misplaced_journal(config))
    findings.push_back({Severity::kWarning, "sluice.journal.dir", *misplaced});
  if (dir.empty() || in_memory) return;
  if (const auto elsewhere = why_no_journals(dir))
    findings.push_back({Severity::kProblem, "sluice.journal.dir", *elsewhere});
}

void examine_channel_file(const Config& config, const LoadReport& report,
                          std::vector<Finding>& findings) {
  const Setting* setting = find_setting(report, "channelKeysPath");
  if (setting == nullptr || setting->origin == Origin::kDefault) return;
  const fs::path& file = config.channels.channel_keys_path;
  if (access(file.c_str(), R_OK) == 0) return;
  findings.push_back({Severity::kWarning,
                      setting->variable.empty() ? setting->key : setting->variable,
                      fmt::format("{}: {}; the channels of this file stay closed", file.string(),
                                  std::strerror(errno))});
}

void examine_stats_file(const Config& config, std::vector<Finding>& findings) {
  const fs::path file(config.stats_path);
  std::error_code error;
  std::optional<std::string> problem = why_not_writable(directory_of(file), false);
  if (!problem && fs::is_directory(fs::symlink_status(file, error)))
    problem = fmt::format("{} is a directory, not a file", config.stats_path);
  if (problem) {
    findings.push_back({Severity::kWarning, "CORESCOPE_INGESTOR_STATS",
                        *problem + "; the stats file can't be written"});
  }
}

}  // namespace

const Setting* find_setting(const LoadReport& report, std::string_view key) {
  const auto found = std::find_if(report.settings.begin(), report.settings.end(),
                                  [&](const Setting& setting) { return setting.key == key; });
  return found == report.settings.end() ? nullptr : &*found;
}

std::vector<Finding> examine_paths(const Config& config, const LoadReport& report) {
  std::vector<Finding> findings;
  examine_database(config, findings);
  examine_journal(config, findings);
  examine_channel_file(config, report, findings);
  examine_stats_file(config, findings);
  return findings;
}

}  // namespace sluice
