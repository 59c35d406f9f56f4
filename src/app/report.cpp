#include "app/report.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/reference_counters.h"
#include "base/log.h"
#include "base/timestamp_text.h"
#include "store/io_counter.h"

namespace sluice {
namespace {

class Table {
 public:
  void heading(std::string_view text) { fmt::format_to(end(), "{}\n", text); }

  template <typename... Args>
  void row(std::string_view label, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(end(), "  {:<24}{}\n", label, fmt::format(format, std::forward<Args>(args)...));
  }

  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(end(), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> end() { return std::back_inserter(text_); }
  std::string text_;
};

std::string in_milliseconds(const Histogram& microseconds) {
  const auto at = [&](double fraction) {
    return static_cast<double>(microseconds.quantile(fraction)) / 1000.0;
  };
  return fmt::format("p50 {:.1f}   p95 {:.1f}   p99 {:.1f}   max {:.1f} ms", at(0.50), at(0.95),
                     at(0.99), static_cast<double>(microseconds.max()) / 1000.0);
}

std::string in_numbers(const Histogram& numbers) {
  return fmt::format("mean {:.1f}   p50 {}   p99 {}   max {}", numbers.mean(),
                     numbers.quantile(0.50), numbers.quantile(0.99), numbers.max());
}

double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

/// A line such as `VmHWM:   12345 kB` of /proc/self/status, in KiB; 0 where there is none.
std::uint64_t proc_status_kib(std::string_view key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t value = 0;
    if (word == key && status >> value) return value;
  }
  return 0;
}

void add_ledger(Table& table, const Pipeline& pipeline) {
  table.heading("Ledger, in messages");
  table.line("  {:<24}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}", "source", "received", "committed",
             "merged", "rejected", "dropped", "in flight");
  const auto add = [&](std::string_view name, const LedgerTotals& t) {
    table.line("  {:<24}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}", name, t.received, t.committed,
               t.merged, t.rejected_total(), t.dropped_total(), t.in_flight);
  };
  const Ledger& ledger = pipeline.metrics().ledger;
  for (const SourceLedger& source : ledger.sources()) add(source.name, totals_of(source));
  const LedgerTotals sum = ledger.totals();
  if (ledger.sources().size() > 1) add("all", sum);
  for (std::size_t i = 0; i < sum.rejected.size(); ++i) {
    if (sum.rejected[i] != 0)
      table.row("rejected", "{:>12}  {}", sum.rejected[i], to_string(static_cast<RejectReason>(i)));
  }
  for (std::size_t i = 0; i < sum.dropped.size(); ++i) {
    if (sum.dropped[i] != 0)
      table.row("dropped", "{:>12}  {}", sum.dropped[i], to_string(static_cast<DropReason>(i)));
  }
  if (sum.imbalance() == 0) {
    table.line("  ledger: balanced");
  } else {
    table.line("  ledger: OFF BY {} messages", sum.imbalance());
  }
}

void add_database(Table& table, const Pipeline& pipeline) {
  const PipelineMetrics& metrics = pipeline.metrics();
  const WriteMetrics& write = metrics.write;
  const IoCounts io = io_counts();
  const std::uint64_t observations =
      write.observations_inserted.value() + write.observations_merged.value();
  const double per_observation =
      observations == 0 ? 0 : static_cast<double>(io.wal_bytes) / static_cast<double>(observations);
  table.heading("Database");
  table.row("transactions", "{} ({} of them windows), {} attempts repeated",
            write.transactions.value(), write.group_commit_flushes.value(),
            write.failed_attempts.value());
  table.row("packets per window", "{}", in_numbers(write.packets_per_window));
  table.row("fsyncs", "{} WAL, {} database, {} other, {} journal", io.wal_syncs, io.db_syncs,
            io.other_syncs, pipeline.journal_syncs());
  table.row("written", "{:.1f} MiB WAL, {:.1f} MiB database ({:.0f} bytes of WAL per observation)",
            mebibytes(io.wal_bytes), mebibytes(io.db_bytes), per_observation);
  table.row("transmissions", "{} new, {} packets were copies of known ones",
            write.transmissions_inserted.value(), write.duplicate_packets.value());
  table.row(
      "dropped_packets", "{} forged adverts, {} of them without a row",
      metrics.ledger.totals().rejected[static_cast<std::size_t>(RejectReason::kAdvertBadSignature)],
      metrics.flood.dropped_rows_suppressed.value());
  table.row("write lock held", "{}", in_milliseconds(write.lock_hold_us));
  table.row("of that, the COMMIT", "{}", in_milliseconds(write.commit_us));
  table.row("checkpoints", "{}: {}", write.checkpoints.value(),
            in_milliseconds(write.checkpoint_us));
}

void add_pipeline(Table& table, const Pipeline& pipeline) {
  const PipelineMetrics& metrics = pipeline.metrics();
  table.heading("Pipeline");
  table.row("received to committed", "{}", in_milliseconds(metrics.write.receive_to_commit_us));
  table.row("messages per batch", "{}", in_numbers(metrics.batch_messages));
  table.row("payload decodes", "{} for {} packets, {} signature checks",
            metrics.dedup.payload_decodes.value(),
            metrics.dedup.fresh_transmissions.value() + metrics.dedup.known_copies.value(),
            metrics.dedup.signature_checks.value());
  table.row("memory", "{:.1f} MiB now, {:.1f} MiB at the peak",
            mebibytes(proc_status_kib("VmRSS:") * 1024),
            mebibytes(proc_status_kib("VmHWM:") * 1024));
}

void add_talkers(std::vector<std::string>& lines, const PipelineMetrics& metrics) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < metrics.flood.talkers.size(); ++i) {
    const TalkersOfMinute& minute = metrics.flood.talkers[i].read();
    if (minute.count == 0) continue;
    std::string line =
        fmt::format("[talkers] source={} minute={} messages={}", metrics.ledger.sources()[i].name,
                    TimestampText(minute.minute).view(), minute.messages);
    for (std::size_t place = 0; place < std::min(minute.count, kShown); ++place) {
      const Talker& talker = minute.loudest[place];
      fmt::format_to(std::back_inserter(line), " {}={}",
                     talker.id_size == 0 ? "(none)" : printable(talker.id()), talker.messages);
      if (talker.refused > 0)
        fmt::format_to(std::back_inserter(line), " ({} refused)", talker.refused);
    }
    lines.push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> stats_lines(const Pipeline& pipeline) {
  const PipelineMetrics& metrics = pipeline.metrics();
  const WriteMetrics& write = metrics.write;
  const ReferenceCounters counters = reference_counters(metrics);
  std::vector<std::string> lines;
  lines.push_back(fmt::format(
      "[stats] tx_inserted={} tx_dupes={} obs_inserted={} node_upserts={} observer_upserts={} "
      "write_errors={} sig_drops={}",
      counters.tx_inserted, counters.tx_dupes, counters.obs_inserted, counters.node_upserts,
      counters.observer_upserts, counters.write_errors, counters.sig_drops));
  for (const SourceLedger& source : metrics.ledger.sources()) {
    lines.push_back(fmt::format("[ledger] source={} {}", source.name, to_line(totals_of(source))));
  }
  std::string state = fmt::format(
      "[pipeline] transactions={} latency_ms_p50={:.1f} latency_ms_p99={:.1f} lock_ms_p99={:.1f}",
      write.transactions.value(),
      static_cast<double>(write.receive_to_commit_us.quantile(0.5)) / 1000.0,
      static_cast<double>(write.receive_to_commit_us.quantile(0.99)) / 1000.0,
      static_cast<double>(write.lock_hold_us.quantile(0.99)) / 1000.0);
  for (const auto& queue : pipeline.queue_depths()) {
    fmt::format_to(std::back_inserter(state), " {}={}/{}", queue.name, queue.depth, queue.capacity);
  }
  lines.push_back(std::move(state));
  add_talkers(lines, metrics);
  return lines;
}

std::string report_table(const Pipeline& pipeline, std::chrono::duration<double> ran_for) {
  Table table;
  table.line("Sluice ran for {:.1f} s", ran_for.count());
  add_ledger(table, pipeline);
  add_database(table, pipeline);
  add_pipeline(table, pipeline);
  return table.take();
}

}  // namespace sluice
