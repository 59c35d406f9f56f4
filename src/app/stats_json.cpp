#include "app/stats_json.h"

#include <algorithm>

#include "app/own_stats_json.h"
#include "app/reference_counters.h"
#include "app/writer_perf.h"
#include "base/timestamp_text.h"
#include "packet/json_text.h"

namespace sluice {
namespace {

void integer(JsonWriter& json, std::string_view key, std::uint64_t value) {
  json.integer(key, static_cast<std::int64_t>(value));
}

void add_counters(JsonWriter& json, const PipelineMetrics& metrics) {
  const ReferenceCounters counters = reference_counters(metrics);
  integer(json, "tx_inserted", counters.tx_inserted);
  integer(json, "obs_inserted", counters.obs_inserted);
  integer(json, "tx_dupes", counters.tx_dupes);
  integer(json, "node_upserts", counters.node_upserts);
  integer(json, "observer_upserts", counters.observer_upserts);
  integer(json, "write_errors", counters.write_errors);
  integer(json, "sig_drops", counters.sig_drops);
  integer(json, "walCommits",
          metrics.write.transactions.value() + metrics.write.position_transactions.value());
  integer(json, "groupCommitFlushes", metrics.write.group_commit_flushes.value());
}

void add_proc_io(JsonWriter& json, const ProcIoRates& rates, std::string_view sampled_at) {
  json.begin_object("procIO");
  for (std::size_t i = 0; i < rates.size(); ++i) json.real(kProcIoRateNames[i], rates[i]);
  json.text("sampledAt", sampled_at);
  json.end_object();
}

std::string liveness_json(const std::vector<StatsSource>& sources) {
  std::string text;
  for (const StatsSource& source : sources) {
    text += text.empty() ? '{' : ',';
    append_json_string(text, source.tag);
    text += ':';
    JsonWriter json(text);
    json.integer("lastReceiptUnix", source.status.last_packet_unix);
    json.integer("lastMessageUnix", source.last_message_unix);
    json.finish();
  }
  return text + '}';
}

std::string statuses_json(const std::vector<StatsSource>& sources) {
  std::string text;
  for (const StatsSource& source : sources) {
    text += text.empty() ? '[' : ',';
    JsonWriter json(text);
    const MqttStatusSample& status = source.status;
    json.text("name", source.tag);
    json.text("broker", source.broker);
    json.flag("connected", status.connected);
    json.integer("lastConnectUnix", status.last_connect_unix);
    json.integer("lastDisconnectUnix", status.last_disconnect_unix);
    json.integer("lastPacketUnix", status.last_packet_unix);
    integer(json, "connectCount", status.connects);
    integer(json, "disconnectCount", status.disconnects);
    integer(json, "packetsTotal", status.packets);
    integer(json, "packetsLast5m", status.packets_last_5m);
    json.text("lastError", status.last_error);
    json.finish();
  }
  return text + ']';
}

void merge(StatsSource& into, const StatsSource& other) {
  MqttStatusSample& sum = into.status;
  const MqttStatusSample& more = other.status;
  sum.connected = sum.connected || more.connected;
  sum.last_connect_unix = std::max(sum.last_connect_unix, more.last_connect_unix);
  sum.last_disconnect_unix = std::max(sum.last_disconnect_unix, more.last_disconnect_unix);
  sum.last_packet_unix = std::max(sum.last_packet_unix, more.last_packet_unix);
  sum.connects += more.connects;
  sum.disconnects += more.disconnects;
  sum.packets += more.packets;
  sum.packets_last_5m += more.packets_last_5m;
  if (sum.last_error.empty()) sum.last_error = more.last_error;
  into.last_message_unix = std::max(into.last_message_unix, other.last_message_unix);
}

}  // namespace

std::vector<StatsSource> shared_by_tag(const std::vector<StatsSource>& sources) {
  std::vector<StatsSource> shared;
  for (const StatsSource& source : sources) {
    const auto same = std::find_if(shared.begin(), shared.end(), [&](const StatsSource& other) {
      return other.tag == source.tag;
    });
    if (same == shared.end())
      shared.push_back(source);
    else
      merge(*same, source);
  }
  return shared;
}

std::string stats_json(const Pipeline& pipeline, const StatsMoment& moment) {
  const TimestampText now(moment.now);
  const std::vector<StatsSource> sources = shared_by_tag(moment.sources);
  const std::vector<WriterComponent> components = writer_components(pipeline.metrics());
  std::string text;
  JsonWriter json(text);
  json.text("sampledAt", now.view());
  add_counters(json, pipeline.metrics());
  json.raw("backfillUpdates", "{}");
  if (moment.proc_io) add_proc_io(json, *moment.proc_io, now.view());
  if (!components.empty()) json.raw("writer_perf", writer_perf_json(components));
  if (!sources.empty()) json.raw("source_liveness", liveness_json(sources));
  if (!sources.empty()) json.raw("source_statuses", statuses_json(sources));
  if (moment.watchdog_last_tick_unix != 0)
    json.integer("watchdogLastTickUnix", moment.watchdog_last_tick_unix);
  if (moment.watchdog_faults != 0) integer(json, "watchdogPanicCount", moment.watchdog_faults);
  json.raw("sluice", own_stats_json(pipeline, moment.uptime, moment.health));
  json.finish();
  return text;
}

}  // namespace sluice
