#include "stats_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <simdjson.h>

namespace sluice {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::optional<std::uint64_t> counter(const object& json, std::string_view key) {
  std::int64_t value = 0;
  if (json[key].get(value) != simdjson::SUCCESS || value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

void add_counter(const object& json, std::string_view key, std::uint64_t& sum) {
  sum += counter(json, key).value_or(0);
}

std::optional<double> number(const object& json, std::string_view key) {
  double value = 0;
  if (json[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::string text(const object& json, std::string_view key) {
  std::string_view value;
  if (json[key].get(value) != simdjson::SUCCESS) return {};
  return std::string(value);
}

StatsPercentiles percentiles(const object& json, const std::string& prefix) {
  return {number(json, prefix + "p50"), number(json, prefix + "p95"), number(json, prefix + "p99"),
          number(json, prefix + "max")};
}

using Reasons = std::vector<std::pair<std::string, std::uint64_t>>;

void add_reasons(const object& source, std::string_view key, Reasons& reasons) {
  object counts;
  if (source[key].get(counts) != simdjson::SUCCESS) return;
  for (const auto field : counts) {
    const std::string name(field.key);
    const auto known = std::find_if(reasons.begin(), reasons.end(),
                                    [&](const auto& reason) { return reason.first == name; });
    const std::uint64_t count = counter(counts, field.key).value_or(0);
    if (known != reasons.end()) {
      known->second += count;
    } else {
      reasons.emplace_back(name, count);
    }
  }
}

void read_sources(const object& own, StatsSample& sample) {
  simdjson::dom::array sources;
  if (own["sources"].get(sources) != simdjson::SUCCESS) return;
  for (const element item : sources) {
    object source;
    if (item.get(source) != simdjson::SUCCESS) continue;
    add_counter(source, "received", sample.received);
    add_counter(source, "committed", sample.committed);
    add_counter(source, "merged", sample.merged);
    add_counter(source, "inFlight", sample.in_flight);
    add_counter(source, "journalBytes", sample.journal_bytes);
    add_reasons(source, "rejected", sample.rejected);
    add_reasons(source, "dropped", sample.dropped);
  }
}

void read_queues(const object& own, StatsSample& sample) {
  simdjson::dom::array queues;
  if (own["queues"].get(queues) != simdjson::SUCCESS) return;
  for (const element item : queues) {
    object queue;
    if (item.get(queue) != simdjson::SUCCESS) continue;
    sample.queues.emplace_back(text(queue, "name"), number(queue, "batches").value_or(0));
  }
}

void read_own(const object& own, StatsSample& sample) {
  sample.has_own = true;
  sample.version = text(own, "version");
  read_sources(own, sample);
  read_queues(own, sample);
  object part;
  if (own["windows"].get(part) == simdjson::SUCCESS) {
    add_counter(part, "transactions", sample.transactions);
  }
  if (own["disk"].get(part) == simdjson::SUCCESS) {
    for (const char* key : {"walSyncs", "databaseSyncs", "otherSyncs", "journalSyncs"}) {
      add_counter(part, key, sample.syncs);
    }
  }
  object latencies;
  if (own["latencyMs"].get(latencies) != simdjson::SUCCESS) return;
  if (latencies["writeLock"].get(part) == simdjson::SUCCESS) {
    sample.lock_hold = percentiles(part, "");
  }
  if (latencies["receiveToCommit"].get(part) == simdjson::SUCCESS) {
    sample.receive_to_commit = percentiles(part, "");
  }
  if (latencies["commit"].get(part) == simdjson::SUCCESS) sample.commit = percentiles(part, "");
}

std::uint64_t total(const Reasons& reasons) noexcept {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : reasons) sum += count;
  return sum;
}

}  // namespace

std::uint64_t StatsSample::rejected_total() const noexcept { return total(rejected); }
std::uint64_t StatsSample::dropped_total() const noexcept { return total(dropped); }

StatsFile::StatsFile(std::string path) : path_(std::move(path)) {}

std::optional<StatsSample> StatsFile::read() {
  if (path_.empty()) return std::nullopt;
  const std::ifstream file(path_);
  if (!file) return std::nullopt;
  std::ostringstream json;
  json << file.rdbuf();
  return parse(json.str());
}

std::optional<StatsSample> StatsFile::parse(const std::string& json) {
  simdjson::dom::parser parser;
  object stats;
  if (parser.parse(json).get(stats) != simdjson::SUCCESS) return std::nullopt;
  StatsSample sample;
  sample.sampled_at = text(stats, "sampledAt");
  sample.observations_inserted = counter(stats, "obs_inserted");
  sample.write_errors = counter(stats, "write_errors");
  sample.commits = counter(stats, "walCommits");
  object part;
  if (stats["writer_perf"].get(part) == simdjson::SUCCESS &&
      part["mqtt_handler"].get(part) == simdjson::SUCCESS) {
    sample.lock_hold = percentiles(part, "hold_ms_");
  }
  if (stats["sluice"].get(part) == simdjson::SUCCESS) read_own(part, sample);
  return sample;
}

}  // namespace sluice
