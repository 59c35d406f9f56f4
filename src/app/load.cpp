#include "app/load.h"

#include <cstdlib>

namespace sluice {

void begin_log(const WriteCommand& command) {
  set_log_format(command.log_format.value_or(choose_log_format(std::getenv("JOURNAL_STREAM"))));
  start_log(command.log_level);
}

Config load_for(const WriteCommand& command, LoadReport& report) {
  Config config = load_config(command.config_path, process_environment(), &report);
  if (!command.log_format && config.sluice.log_format) set_log_format(*config.sluice.log_format);
  for (const std::string& note : report.notes) log_warn("{}", note);
  apply_overrides(command, config);
  return config;
}

void apply_overrides(const WriteCommand& command, Config& config) {
  WindowConfig& window = config.window;
  if (command.group_commit_ms)
    window.group_commit = std::chrono::milliseconds(*command.group_commit_ms);
  if (command.group_commit_max_rows) window.group_commit_max_rows = *command.group_commit_max_rows;
  if (window.group_commit.count() > 0) {
    log_info("group commit: window={}ms maxRows={}", window.group_commit.count(),
             window.group_commit_max_rows);
  } else {
    log_info("group commit: disabled (per-packet auto-commit)");
  }
}

}  // namespace sluice
