#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "app/check.h"
#include "app/decode_command.h"
#include "app/recovery.h"
#include "base/log.h"

namespace sluice {

/// What both commands that write have in common.
struct WriteCommand {
  std::string config_path = "config.json";
  bool config_given = false;
  bool report = false;
  LogLevel log_level = LogLevel::kInfo;
  std::optional<LogFormat> log_format;                ///< overrides the config file
  std::optional<std::int64_t> group_commit_ms;        ///< overrides the config file
  std::optional<std::int64_t> group_commit_max_rows;  ///< overrides the config file
};

struct RunCommand : WriteCommand {
  /// For a journal that was received for another database.
  ForeignJournals foreign_journals = ForeignJournals::kRefuse;
};

struct IngestCommand : WriteCommand {
  std::string file;  ///< a capture, or - for standard input
  std::string db_path;
};

/// There is nothing to run: help was printed, or the arguments were wrong.
struct ExitNow {
  int code;
};

using CommandLine = std::variant<ExitNow, RunCommand, IngestCommand, DecodeCommand, CheckCommand>;

/// Parses the arguments; prints help and errors itself. Takes `-config PATH` and `-config=PATH`
/// too, as CoreScope's ingestor does. Wrong arguments exit with 2 (contract 1.1).
[[nodiscard]] CommandLine parse_command_line(int argc, char** argv);

}  // namespace sluice
