#include <cmath>

#include "load_report.h"
#include "packet/json_text.h"

namespace sluice {
namespace {

/// JSON objects joined to a list.
class ObjectList {
 public:
  template <typename Fill>
  void add(Fill&& fill) {
    text_ += text_.empty() ? '[' : ',';
    JsonWriter json(text_);
    fill(json);
    json.finish();
  }
  [[nodiscard]] std::string take() { return text_.empty() ? "[]" : std::move(text_) + ']'; }

 private:
  std::string text_;
};

void integer(JsonWriter& json, std::string_view key, std::uint64_t value) {
  json.integer(key, static_cast<std::int64_t>(value));
}

/// Left out where it was not measured.
void real(JsonWriter& json, std::string_view key, double value) {
  if (std::isfinite(value)) json.real(key, std::round(value * 1e4) / 1e4);
}

void real(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  if (value) real(json, key, *value);
}

void latency(JsonWriter& json, const LatencySummary& seconds) {
  json.begin_object("visibleAfterSeconds");
  real(json, "p50", seconds.p50);
  real(json, "p99", seconds.p99);
  real(json, "max", seconds.max);
  json.end_object();
}

void percentiles(JsonWriter& json, std::string_view key, const StatsPercentiles& ms) {
  if (!ms.p50 && !ms.max) return;
  json.begin_object(key);
  real(json, "p50", ms.p50);
  real(json, "p95", ms.p95);
  real(json, "p99", ms.p99);
  real(json, "max", ms.max);
  json.end_object();
}

/// Keys come from elsewhere, so they are escaped.
std::string counts_json(const std::map<std::string, std::uint64_t>& counts) {
  std::string text = "{";
  for (const auto& [key, count] : counts) {
    if (text.size() > 1) text += ',';
    append_json_string(text, key);
    text += ':' + std::to_string(count);
  }
  return text + '}';
}

void add_ingestor(JsonWriter& json, const IngestorDelta& ingestor) {
  json.begin_object("ingestor");
  if (ingestor.has_own) {
    integer(json, "received", ingestor.received);
    integer(json, "committed", ingestor.committed);
    integer(json, "merged", ingestor.merged);
    json.raw("rejected", counts_json(ingestor.rejected));
    json.raw("dropped", counts_json(ingestor.dropped));
  }
  real(json, "transactionsPerSecond", ingestor.transactions_s);
  real(json, "syncsPerSecond", ingestor.syncs_s);
  percentiles(json, "lockHoldMs", ingestor.lock_hold);
  percentiles(json, "receiveToCommitMs", ingestor.receive_to_commit);
  json.end_object();
}

void add_step(JsonWriter& json, const StepResult& step) {
  real(json, "rate", step.wanted_rate);
  real(json, "seconds", step.seconds);
  real(json, "beganAt", step.began_at);
  json.text("verdict", to_string(step.verdict));
  json.text("reason", step.reason);
  integer(json, "published", step.published);
  integer(json, "notPublished", step.not_published);
  real(json, "publishedPerSecond", step.published_rate);
  real(json, "publisherCpuPercent", step.publisher_cpu_percent);
  integer(json, "statuses", step.statuses);
  integer(json, "merges", step.merges);
  integer(json, "rowsExpected", step.rows_expected);
  integer(json, "rowsFound", step.rows_found);
  integer(json, "rowsMissing", step.rows_missing);
  integer(json, "rowsTwice", step.rows_twice);
  integer(json, "rowsUnknown", step.rows_unknown);
  if (step.counted) integer(json, "countedByObservers", *step.counted);
  integer(json, "missing", step.missing());
  json.raw("missingByRegion", counts_json(step.missing_by_region));
  latency(json, step.latency);
  real(json, "latencyGrowth", step.latency_growth);
  real(json, "lagAtEndSeconds", step.lag_at_end);
  real(json, "cpuPercent", step.cpu_percent);
  real(json, "rssAnonMaxMiB", step.rss_anon_mib_max);
  if (step.ingestor) add_ingestor(json, *step.ingestor);
}

void add_point(JsonWriter& json, const TimelinePoint& point) {
  real(json, "at", point.at);
  real(json, "wantedPerSecond", point.wanted_rate);
  real(json, "publishedPerSecond", point.published_rate);
  real(json, "visiblePerSecond", point.visible_rate);
  real(json, "cpuPercent", point.cpu_percent);
  real(json, "rssMiB", point.rss_mib);
  real(json, "rssAnonMiB", point.rss_anon_mib);
  real(json, "writtenMiBPerSecond", point.written_mib_s);
  real(json, "inFlight", point.in_flight);
  real(json, "transactionsPerSecond", point.transactions_s);
  real(json, "syncsPerSecond", point.syncs_s);
  percentiles(json, "lockHoldMs", point.lock_hold);
  std::string queues = "{";
  for (const auto& [name, depth] : point.queues) {
    if (queues.size() > 1) queues += ',';
    append_json_string(queues, name);
    queues += ':';
    append_json_number(queues, depth);
  }
  json.raw("queues", queues + '}');
}

void add_machine(JsonWriter& json, const MachineFacts& machine) {
  json.begin_object("machine");
  json.text("model", machine.model);
  json.text("cpu", machine.cpu);
  json.integer("cores", machine.cores);
  integer(json, "memoryBytes", machine.memory_bytes);
  json.text("kernel", machine.kernel);
  json.text("system", machine.system);
  json.text("disk", machine.disk);
  json.end_object();
}

}  // namespace

std::string report_json(const LoadReport& report) {
  ObjectList steps;
  for (const StepResult& step : report.steps) {
    steps.add([&](JsonWriter& json) { add_step(json, step); });
  }
  ObjectList timeline;
  for (const TimelinePoint& point : report.timeline) {
    timeline.add([&](JsonWriter& json) { add_point(json, point); });
  }
  ObjectList latencies;
  for (const LatencyPoint& point : report.latencies) {
    latencies.add([&](JsonWriter& json) {
      real(json, "at", point.at);
      latency(json, point.seconds);
    });
  }
  std::string text;
  JsonWriter json(text);
  json.text("began", report.began);
  json.flag("good", report.good());
  json.text("verdict", verdict_text(report));
  json.text("fault", report.fault);
  real(json, "highestHeld", report.highest_held);
  real(json, "lowestFailed", report.lowest_failed);
  real(json, "networkRate", report.network_rate);
  integer(json, "vanishedRows", report.vanished_rows);
  json.text("commandLine", report.command_line);
  json.text("observersBeginWith", report.mark);
  json.text("ingestor", report.ingestor);
  integer(json, "templates", report.templates);
  integer(json, "observers", report.observers);
  add_machine(json, report.machine);
  json.raw("steps", steps.take());
  json.raw("latencies", latencies.take());
  json.raw("timeline", timeline.take());
  json.finish();
  return text + '\n';
}

}  // namespace sluice
