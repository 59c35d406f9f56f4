#include "app/check_connect.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/journal_home.h"
#include "app/receivers.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kLongestWait{10};
// The journal's floor and the write-ahead log of a busy hour want at least this much.
constexpr std::uint64_t kLittleSpaceBytes = std::uint64_t{512} << 20U;

std::optional<std::uint64_t> free_bytes_at(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path place = fs::absolute(file, error).parent_path();
  while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  const fs::space_info space = fs::space(place, error);
  if (error) return std::nullopt;
  return space.available;
}

std::vector<BrokerProbe> probe_sources(const std::vector<SourceConfig>& sources) {
  std::vector<MqttOptions> brokers;
  for (const SourceConfig& source : sources) {
    brokers.push_back(mqtt_options_for(source));
    brokers.back().connect_timeout = std::min(source.connect_timeout, kLongestWait);
  }
  return probe_brokers(brokers);
}

void judge_broker(const SourceConfig& source, const BrokerProbe& probe,
                  std::vector<Finding>& findings) {
  if (!probe.logged_in) {
    findings.push_back(
        {Severity::kWarning, source.tag,
         fmt::format("{}: {}", probe.reached ? "no login" : "not reached", probe.problem)});
    return;
  }
  for (const ProbedTopic& topic : probe.topics) {
    if (topic.granted_qos >= 0) continue;
    findings.push_back({Severity::kWarning, source.tag,
                        topic.granted_qos == -1
                            ? fmt::format("the broker refuses the topic {}", topic.filter)
                            : fmt::format("no answer for the topic {}", topic.filter)});
  }
}

void judge_database(const DatabaseInspection& database, bool owned,
                    std::vector<Finding>& findings) {
  const auto problem = [&](std::string text) {
    findings.push_back({Severity::kProblem, "dbPath", std::move(text)});
  };
  if (!database.exists) return;
  if (!database.problem.empty()) return problem(database.problem);
  if (!database.fresh && !database.missing.empty()) {
    problem(fmt::format("lacks {}; start a current CoreScope ingestor on it once to upgrade it",
                        fmt::join(database.missing, ", ")));
  }
  const bool waits = database.locked || database.write_lock == WriteLock::kHeld;
  if (waits && !owned) {
    findings.push_back({Severity::kWarning, "dbPath",
                        "another process holds the write lock, and the start waits for it; is a "
                        "second ingestor running?"});
  }
  if (database.auto_vacuum == 0 && !database.fresh && !database.locked) {
    findings.push_back({Severity::kWarning, "dbPath",
                        "made without incremental vacuum: the file never gets smaller"});
  }
}

}  // namespace

std::vector<Finding> judge_connections(const Config& config, const ConnectCheck& check) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < check.brokers.size(); ++i)
    judge_broker(config.sources[i], check.brokers[i], findings);
  const bool any = std::any_of(check.brokers.begin(), check.brokers.end(),
                               [](const BrokerProbe& probe) { return probe.logged_in; });
  if (!any && config.sluice.exit_without_broker) {
    findings.push_back({Severity::kProblem, "sluice.exitWithoutBroker",
                        "no broker lets us in, so the program would exit"});
  }
  if (check.owner) {
    findings.push_back(
        {Severity::kProblem, "dbPath",
         fmt::format("{} writes this database already, and only one Sluice may: stop "
                     "the other one first",
                     *check.owner)});
  }
  if (check.journal_owner && !check.owner) {
    findings.push_back(
        {Severity::kProblem, "sluice.journal.dir",
         fmt::format("{} keeps journals there, and only one Sluice may", *check.journal_owner)});
  }
  judge_database(check.database, check.owner.has_value(), findings);
  if (check.free_bytes && *check.free_bytes < kLittleSpaceBytes) {
    findings.push_back({Severity::kWarning, "dbPath",
                        fmt::format("only {} MiB are free there", *check.free_bytes >> 20U)});
  }
  return findings;
}

ConnectCheck check_connections(const Config& config) {
  ConnectCheck check;
  check.brokers = probe_sources(config.sources);
  check.database = inspect_database(config.db_path);
  check.owner = lock_holder(database_lock_file(config));
  const std::string& journals = config.sluice.journal.dir;
  if (!journals.empty())
    check.journal_owner = lock_holder(std::filesystem::path(journals) / "lock");
  check.free_bytes = free_bytes_at(config.db_path);
  check.findings = judge_connections(config, check);
  return check;
}

}  // namespace sluice
