#include "app/command_line.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "app/exit_code.h"
#include "app/version.h"
#include "config/config.h"

namespace sluice {
namespace {

constexpr const char* kDescription =
    "Takes in what a MeshCore observer network publishes over MQTT and keeps it, deduplicated,\n"
    "in an SQLite database that CoreScope's server reads.";

constexpr const char* kFooter =
    "Examples:\n"
    "  sluice check --config /etc/sluice/config.json --connect\n"
    "  sluice run --config /etc/sluice/config.json\n"
    "  sluice ingest capture.jsonl --db mesh.db --report\n"
    "  zcat capture.jsonl.gz | sluice ingest - --db mesh.db\n"
    "  sluice decode "
    "15021020112AF5662A069BC640EB98F5A17F58129118A4DFECE48F44745E4C654974F8C1EDABC1\n"
    "Every key of the config file is explained in configs/README.md.";

/// The Go ingestor's flag package takes one dash; CLI11 would read -config as -c onfig.
std::vector<std::string> with_two_dashes(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 wants them in reverse
    std::string argument = argv[i];
    if (argument == "-config" || argument.rfind("-config=", 0) == 0) argument.insert(0, "-");
    if (argument == "-help") argument = "--help";
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

void add_common_options(CLI::App& command, WriteCommand& options) {
  command.add_flag("--report", options.report, "print the whole account as a table at the end");
  command
      .add_option(
          "--group-commit-ms", options.group_commit_ms,
          "length of a window in milliseconds, 0 commits each packet (overrides the config)")
      ->check(CLI::Range(std::int64_t{0}, WindowConfig::kMostMs));
  command
      .add_option("--group-commit-max-rows", options.group_commit_max_rows,
                  "packets after which a window ends early (overrides the config)")
      ->check(CLI::Range(std::int64_t{1}, WindowConfig::kMostRows));
  static const std::map<std::string, LogLevel> kLevels{{"debug", LogLevel::kDebug},
                                                       {"info", LogLevel::kInfo},
                                                       {"warn", LogLevel::kWarn},
                                                       {"error", LogLevel::kError}};
  command.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case))
      ->default_str("info");
  static const std::map<std::string, LogFormat> kFormats{
      {"text", LogFormat::kText}, {"plain", LogFormat::kPlain}, {"json", LogFormat::kJson}};
  command
      .add_option("--log-format", options.log_format,
                  "text, plain (for systemd's journal) or json (overrides the config)")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case));
}

void add_journal_options(CLI::App& command, RunCommand& options) {
  CLI::Option* const adopt = command.add_flag_callback(
      "--adopt-journal", [&options] { options.foreign_journals = ForeignJournals::kAdopt; },
      "write messages that were received for another database into this one");
  command
      .add_flag_callback(
          "--discard-journal", [&options] { options.foreign_journals = ForeignJournals::kDiscard; },
          "throw messages that were received for another database away")
      ->excludes(adopt);
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::cout << "corescope-ingestor " << kVersion << " (Sluice)\n";
    return ExitNow{0};
  }
  CLI::App app{kDescription, "sluice"};
  app.footer(kFooter);
  app.require_subcommand(1);

  RunCommand run;
  CLI::App* run_app =
      app.add_subcommand("run", "receive from the brokers in the config file until stopped");
  CLI::Option* run_config =
      run_app->add_option("-c,--config", run.config_path, "the config file")->capture_default_str();
  add_common_options(*run_app, run);
  add_journal_options(*run_app, run);

  IngestCommand ingest;
  CLI::App* ingest_app =
      app.add_subcommand("ingest", "take in a capture file, through the same pipeline, and end");
  ingest_app
      ->add_option("file", ingest.file,
                   "the capture, one JSON object per line; - reads standard input")
      ->required();
  ingest_app->add_option("--db", ingest.db_path, "the database, made if it does not exist")
      ->required();
  CLI::Option* ingest_config = ingest_app->add_option(
      "-c,--config", ingest.config_path,
      "take keys, filters and limits from this config file, those of its first source too");
  add_common_options(*ingest_app, ingest);

  CheckCommand check;
  CLI::App* check_app =
      app.add_subcommand("check", "show what each setting resolved to, and what would go wrong");
  check_app->add_option("-c,--config", check.config_path, "the config file")->capture_default_str();
  check_app->add_flag("--connect", check.connect,
                      "try every broker and look into the database, too");

  DecodeCommand decode;
  CLI::App* decode_app =
      app.add_subcommand("decode", "say what is in a packet, in words or as JSON");
  decode_app->add_option(
      "hex", decode.packets,
      "packets as hex text; - or none at all reads one per line of standard input");
  decode_app->add_flag("--json", decode.json, "one JSON object per packet");
  // One value each time they are given, or a packet that comes next would be one more.
  decode_app
      ->add_option("--channel-key", decode.channel_keys,
                   "a channel's key as NAME=HEX, 16 or 32 bytes; once for each channel")
      ->allow_extra_args(false);
  decode_app
      ->add_option("--hashtag", decode.hashtags,
                   "a channel whose key is derived from its name; once for each")
      ->allow_extra_args(false);
  decode_app
      ->add_option("--region", decode.regions,
                   "a region whose scope is to be recognised; once for each")
      ->allow_extra_args(false);
  decode_app->add_flag("--no-colour,--no-color", decode.no_colour, "plain text even on a terminal");

  try {
    app.parse(with_two_dashes(argc, argv));
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? 0 : kExitBadArguments};
  }
  run.config_given = run_config->count() > 0;
  ingest.config_given = ingest_config->count() > 0;
  if (*run_app) return run;
  if (*decode_app) return decode;
  if (*check_app) return check;
  return ingest;
}

}  // namespace sluice
