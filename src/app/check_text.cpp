#include "app/check_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"

namespace sluice {
namespace {

// Wider values push what follows to the right instead of making every row wide.
constexpr std::size_t kWidestValue = 40;

/// Characters, not bytes: near enough for names.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t used = width(text);
  return std::string(text) + std::string(columns > used ? columns - used : 0, ' ');
}

std::string heading(std::string_view text, const Paint& paint) {
  return fmt::format("\n{}\n", paint.bold(text));
}

std::string shown_value(const Setting& setting) {
  return setting.value.empty() ? "–" : printable(setting.value);
}

std::string shown_origin(const Setting& setting) {
  return setting.origin == Origin::kEnvironment ? setting.variable
                                                : std::string(to_string(setting.origin));
}

/// `mqttSources[0]`, or '' for what belongs to no source.
std::string_view source_of(std::string_view key) {
  const std::size_t bracket = key.find(']');
  return bracket == std::string_view::npos ? "" : key.substr(0, bracket);
}

std::string mark(Severity severity, const Paint& paint) {
  switch (severity) {
    case Severity::kGood:
      return paint.green("✓");
    case Severity::kWarning:
      return paint.yellow("!");
    case Severity::kProblem:
      break;
  }
  return paint.red("✗");
}

std::string counted(std::ptrdiff_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::ptrdiff_t count_of(std::span<const Finding> findings, Severity severity) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.severity == severity; });
}

std::string bytes_text(std::uint64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1024.0 * 1024.0);
  return mebibytes < 1024 ? fmt::format("{:.1f} MiB", mebibytes)
                          : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

std::string topic_text(const ProbedTopic& topic, const Paint& paint) {
  const std::string filter = printable(topic.filter);
  if (topic.granted_qos == -1)
    return fmt::format("      {} {}  refused\n", mark(Severity::kProblem, paint), filter);
  if (topic.granted_qos < 0)
    return fmt::format("      {} {}  no answer\n", mark(Severity::kWarning, paint), filter);
  return fmt::format("      {} {}  {}\n", mark(Severity::kGood, paint), filter,
                     paint.dim(fmt::format("QoS up to {}", topic.granted_qos)));
}

std::string broker_text(const SourceConfig& source, const BrokerProbe& probe, const Paint& paint) {
  const bool same = source.tag == source.url.display();
  std::string text = fmt::format(
      "  {} {}{}  ", mark(probe.logged_in ? Severity::kGood : Severity::kProblem, paint),
      printable(source.tag), same ? "" : "  " + paint.dim(printable(source.url.display())));
  if (!probe.logged_in)
    return text + fmt::format("{}: {}\n", probe.reached ? "reached, but no login" : "not reached",
                              printable(probe.problem));
  text += fmt::format("logged in and out within {} ms\n", probe.took.count());
  for (const ProbedTopic& topic : probe.topics) text += topic_text(topic, paint);
  return text;
}

const char* auto_vacuum_text(std::int64_t mode) {
  return mode == 2 ? "incremental" : mode == 1 ? "full" : "none";
}

const char* lock_text(WriteLock lock) {
  return lock == WriteLock::kFree ? "free" : lock == WriteLock::kHeld ? "held" : "not tried";
}

std::string extras_text(const DatabaseInspection& database) {
  std::string text;
  if (!database.known_extras.empty())
    text += fmt::format("    filled as well: {}\n", fmt::join(database.known_extras, ", "));
  if (!database.foreign_extras.empty())
    text += fmt::format("    left empty, since this version does not know them: {}\n",
                        printable(fmt::format("{}", fmt::join(database.foreign_extras, ", "))));
  return text;
}

std::string indexes_text(Indexes wanted, const DatabaseInspection& database) {
  std::vector<std::string> build = database.missing_indexes;
  std::vector<std::string> drop;
  if (wanted == Indexes::kLean)
    drop = database.redundant_present;
  else
    build.insert(build.end(), database.redundant_missing.begin(), database.redundant_missing.end());
  std::string text;
  if (!build.empty())
    text += fmt::format("    the next start builds, which takes a while on a large file: {}\n",
                        fmt::join(build, ", "));
  if (!drop.empty()) text += fmt::format("    the next start drops: {}\n", fmt::join(drop, ", "));
  return text;
}

std::string database_text(const Config& config, const ConnectCheck& check, const Paint& paint) {
  const DatabaseInspection& database = check.database;
  const bool usable = database.problem.empty() && (database.fresh || database.missing.empty());
  std::string text =
      fmt::format("  {} {}  ", mark(usable ? Severity::kGood : Severity::kProblem, paint),
                  printable(config.db_path));
  if (!database.exists) {
    text += "will be made at the first start\n";
  } else if (database.locked) {
    text += "another process has it for itself\n";
  } else if (!usable) {
    text += "can't be used, see below\n";
  } else {
    text += database.fresh ? "empty, the tables will be made\n"
                           : fmt::format("transmissions up to id {}, observations up to id {}\n",
                                         database.transmissions, database.observations);
    text +=
        fmt::format("    journal mode {}   auto-vacuum {}   write lock {}\n", database.journal_mode,
                    auto_vacuum_text(database.auto_vacuum), lock_text(database.write_lock));
    text += extras_text(database) + indexes_text(config.sluice.indexes, database);
  }
  if (check.free_bytes) text += fmt::format("    {} free\n", bytes_text(*check.free_bytes));
  return text;
}

}  // namespace

std::string settings_text(const LoadReport& report, const Paint& paint) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const Setting& setting : report.settings) {
    key_width = std::max(key_width, width(setting.key));
    value_width = std::max(value_width, std::min(width(shown_value(setting)), kWidestValue));
  }
  std::string text = heading("Settings", paint);
  std::string_view group;
  for (const Setting& setting : report.settings) {
    // A line between the sources: each is a block of its own.
    const std::string_view its_group = source_of(setting.key);
    if (its_group != group) text += '\n';
    group = its_group;
    std::string row = fmt::format("  {}  {}  {}", padded(setting.key, key_width),
                                  padded(shown_value(setting), value_width), shown_origin(setting));
    text += setting.origin == Origin::kDefault ? paint.dim(row) : row;
    text += '\n';
  }
  return text;
}

std::string findings_text(std::span<const Finding> findings, const Paint& paint) {
  if (findings.empty()) return "";
  std::string text = heading("Findings", paint);
  for (const Severity severity : {Severity::kProblem, Severity::kWarning}) {
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      const std::string subject =
          finding.subject.empty() ? "" : paint.bold(printable(finding.subject)) + ": ";
      text += fmt::format("  {} {}{}\n", mark(severity, paint), subject, printable(finding.text));
    }
  }
  return text;
}

std::string connections_text(const Config& config, const ConnectCheck& check, const Paint& paint) {
  std::string text = heading("Brokers", paint);
  for (std::size_t i = 0; i < check.brokers.size(); ++i)
    text += broker_text(config.sources[i], check.brokers[i], paint);
  text += heading("Database", paint);
  return text + database_text(config, check, paint);
}

bool would_run(std::span<const Finding> findings) noexcept {
  return count_of(findings, Severity::kProblem) == 0;
}

std::string verdict_text(std::span<const Finding> findings, const Paint& paint) {
  const std::ptrdiff_t problems = count_of(findings, Severity::kProblem);
  const std::ptrdiff_t warnings = count_of(findings, Severity::kWarning);
  std::string counts;
  if (problems > 0) counts = counted(problems, "problem");
  if (warnings > 0) counts += (counts.empty() ? "" : ", ") + counted(warnings, "warning");
  if (problems > 0) return fmt::format("\n{} ({})\n", paint.red("Would not run"), counts);
  if (warnings > 0) return fmt::format("\n{} ({})\n", paint.yellow("Would run"), counts);
  return fmt::format("\n{}\n", paint.green("Would run"));
}

}  // namespace sluice
