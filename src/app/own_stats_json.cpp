#include "app/own_stats_json.h"

#include "app/version.h"
#include "base/log.h"
#include "base/timestamp_text.h"
#include "packet/json_text.h"
#include "store/io_counter.h"

namespace sluice {
namespace {

/// JSON objects joined to a list.
class JsonList {
 public:
  void add(std::string_view object) {
    text_ += text_.empty() ? '[' : ',';
    text_ += object;
  }
  [[nodiscard]] std::string take() { return text_.empty() ? "[]" : std::move(text_) + ']'; }

 private:
  std::string text_;
};

void integer(JsonWriter& json, std::string_view key, std::uint64_t value) {
  json.integer(key, static_cast<std::int64_t>(value));
}

/// `{"reason":count}`, the reasons that have occurred.
template <typename Reason, typename Counts>
void add_reasons(JsonWriter& json, std::string_view key, const Counts& counts) {
  json.begin_object(key);
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0) integer(json, to_string(static_cast<Reason>(i)), counts[i]);
  json.end_object();
}

std::string source_json(const SourceLedger& account, const Journal& journal) {
  const LedgerTotals totals = totals_of(account);
  std::string text;
  JsonWriter json(text);
  json.text("name", account.name);
  integer(json, "received", totals.received);
  integer(json, "recovered", totals.recovered);
  integer(json, "receivedBytes", account.receive.received_bytes.value());
  integer(json, "committed", totals.committed);
  integer(json, "merged", totals.merged);
  add_reasons<RejectReason>(json, "rejected", totals.rejected);
  add_reasons<DropReason>(json, "dropped", totals.dropped);
  integer(json, "inFlight", totals.in_flight);
  integer(json, "journalBytes", journal.used_bytes());
  integer(json, "journalMaxBytes", journal.capacity_bytes());
  json.finish();
  return text;
}

void add_milliseconds(JsonWriter& json, std::string_view key, const Histogram& microseconds) {
  const auto in_ms = [](std::uint64_t value) { return static_cast<double>(value) / 1000.0; };
  json.begin_object(key);
  integer(json, "count", microseconds.count());
  json.real("p50", in_ms(microseconds.quantile(0.50)));
  json.real("p95", in_ms(microseconds.quantile(0.95)));
  json.real("p99", in_ms(microseconds.quantile(0.99)));
  json.real("max", in_ms(microseconds.max()));
  json.end_object();
}

void add_numbers(JsonWriter& json, std::string_view key, const Histogram& numbers) {
  json.begin_object(key);
  json.real("mean", numbers.mean());
  integer(json, "p50", numbers.quantile(0.50));
  integer(json, "p99", numbers.quantile(0.99));
  integer(json, "max", numbers.max());
  json.end_object();
}

void add_windows(JsonWriter& json, const WriteMetrics& write) {
  json.begin_object("windows");
  integer(json, "flushes", write.group_commit_flushes.value());
  integer(json, "transactions", write.transactions.value());
  integer(json, "retries", write.failed_attempts.value());
  json.integer("openPackets", write.window_packets.value());
  json.integer("oldestWaitingMs", write.oldest_waiting_ms.value());
  add_numbers(json, "packets", write.packets_per_window);
  json.end_object();
}

void add_latencies(JsonWriter& json, const WriteMetrics& write) {
  json.begin_object("latencyMs");
  add_milliseconds(json, "receiveToCommit", write.receive_to_commit_us);
  add_milliseconds(json, "writeLock", write.lock_hold_us);
  add_milliseconds(json, "commit", write.commit_us);
  add_milliseconds(json, "checkpoint", write.checkpoint_us);
  json.end_object();
}

void add_disk(JsonWriter& json, const Pipeline& pipeline) {
  const WriteMetrics& write = pipeline.metrics().write;
  const IoCounts io = io_counts();
  json.begin_object("disk");
  integer(json, "walSyncs", io.wal_syncs);
  integer(json, "databaseSyncs", io.db_syncs);
  integer(json, "otherSyncs", io.other_syncs);
  integer(json, "journalSyncs", pipeline.journal_syncs());
  integer(json, "walBytes", io.wal_bytes);
  integer(json, "databaseBytes", io.db_bytes);
  integer(json, "checkpoints", write.checkpoints.value());
  json.end_object();
}

void add_dedup(JsonWriter& json, const DedupCounters& dedup) {
  json.begin_object("dedup");
  integer(json, "firstCopies", dedup.fresh_transmissions.value());
  integer(json, "payloadDecodes", dedup.payload_decodes.value());
  integer(json, "furtherCopies", dedup.known_copies.value());
  integer(json, "signatureChecks", dedup.signature_checks.value());
  json.end_object();
}

void add_health(JsonWriter& json, const Health& health) {
  JsonList reasons;
  for (const std::string& reason : health.reasons) {
    std::string text;
    append_json_string(text, reason);
    reasons.add(text);
  }
  json.begin_object("health");
  json.text("state", to_string(health.state));
  json.raw("reasons", reasons.take());
  json.end_object();
}

/// The loudest senders of the last full minute, source by source.
std::string talkers_json(const FloodMetrics& flood, const Ledger& ledger) {
  JsonList sources;
  for (std::size_t i = 0; i < flood.talkers.size(); ++i) {
    const TalkersOfMinute& minute = flood.talkers[i].read();
    if (minute.count == 0) continue;
    JsonList loudest;
    for (std::size_t place = 0; place < minute.count; ++place) {
      const Talker& talker = minute.loudest[place];
      std::string text;
      JsonWriter json(text);
      json.text("id", talker.id());
      integer(json, "messages", talker.messages);
      integer(json, "refused", talker.refused);
      json.finish();
      loudest.add(text);
    }
    std::string text;
    JsonWriter json(text);
    json.text("source", ledger.sources()[i].name);
    json.text("minute", TimestampText(minute.minute).view());
    integer(json, "messages", minute.messages);
    json.raw("loudest", loudest.take());
    json.finish();
    sources.add(text);
  }
  return sources.take();
}

void add_floods(JsonWriter& json, const PipelineMetrics& metrics) {
  json.begin_object("floods");
  integer(json, "newObservers", metrics.flood.new_observers.value());
  integer(json, "newNodes", metrics.flood.new_nodes.value());
  integer(json, "droppedRowsSuppressed", metrics.flood.dropped_rows_suppressed.value());
  json.raw("talkers", talkers_json(metrics.flood, metrics.ledger));
  json.end_object();
}

std::string queues_json(const Pipeline& pipeline) {
  JsonList queues;
  for (const Pipeline::QueueDepth& queue : pipeline.queue_depths()) {
    std::string text;
    JsonWriter json(text);
    json.text("name", queue.name);
    integer(json, "batches", queue.depth);
    integer(json, "maxBatches", queue.capacity);
    json.finish();
    queues.add(text);
  }
  return queues.take();
}

std::string sources_json(const Pipeline& pipeline) {
  JsonList sources;
  std::size_t place = 0;
  for (const SourceLedger& account : pipeline.metrics().ledger.sources())
    sources.add(source_json(account, pipeline.journals()[place++]));
  return sources.take();
}

}  // namespace

std::string own_stats_json(const Pipeline& pipeline, std::chrono::seconds uptime,
                           const Health& health) {
  const PipelineMetrics& metrics = pipeline.metrics();
  std::string text;
  JsonWriter json(text);
  json.text("version", kVersion);
  json.integer("uptimeSec", uptime.count());
  add_health(json, health);
  json.raw("sources", sources_json(pipeline));
  add_windows(json, metrics.write);
  add_latencies(json, metrics.write);
  json.raw("queues", queues_json(pipeline));
  add_numbers(json, "messagesPerBatch", metrics.batch_messages);
  add_dedup(json, metrics.dedup);
  add_floods(json, metrics);
  add_disk(json, pipeline);
  integer(json, "logOverruns", log_overruns());
  json.finish();
  return text;
}

}  // namespace sluice
