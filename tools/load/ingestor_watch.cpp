#include "ingestor_watch.h"

#include <utility>

namespace sluice {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

double mib(const std::optional<std::uint64_t>& bytes) {
  return bytes ? static_cast<double>(*bytes) / kMiB : kUnknown;
}

/// Counters restart with their process.
std::uint64_t grown(std::uint64_t before, std::uint64_t now) noexcept {
  return now >= before ? now - before : now;
}

using Reasons = std::vector<std::pair<std::string, std::uint64_t>>;

std::map<std::string, std::uint64_t> grown(const Reasons& before, const Reasons& now) {
  std::map<std::string, std::uint64_t> difference;
  for (const auto& [reason, count] : now) difference[reason] += count;
  for (const auto& [reason, count] : before) difference[reason] -= count;
  for (auto i = difference.begin(); i != difference.end();) {
    i = i->second == 0 ? difference.erase(i) : std::next(i);
  }
  return difference;
}

}  // namespace

IngestorWatch::IngestorWatch(std::optional<int> pid, std::string stats_path)
    : pid_(pid), file_(std::move(stats_path)) {
  refresh();
  last_process_ = process_;
  last_stats_ = stats_;
  begin_step();
}

void IngestorWatch::refresh() {
  if (pid_) process_ = sample_process(*pid_);
  if (auto stats = file_.read()) stats_ = std::move(stats);
}

void IngestorWatch::begin_step() {
  refresh();
  step_process_ = process_;
  step_stats_ = stats_;
}

void IngestorWatch::sample(double now, TimelinePoint& point) {
  refresh();
  if (process_) {
    point.rss_mib = mib(process_->rss_bytes);
    point.rss_anon_mib = mib(process_->rss_anon_bytes);
  }
  if (stats_) {
    point.lock_hold = stats_->lock_hold;
    if (stats_->has_own) {
      point.in_flight = static_cast<double>(stats_->in_flight);
      point.queues = stats_->queues;
    }
  }
  if (now > last_at_) rates(now - last_at_, point);
  last_at_ = now;
  last_process_ = process_;
  last_stats_ = stats_;
}

void IngestorWatch::rates(double seconds, TimelinePoint& point) const {
  const auto rate = [&](std::uint64_t before, std::uint64_t now) {
    return static_cast<double>(grown(before, now)) / seconds;
  };
  if (process_ && last_process_) {
    point.cpu_percent = 100 * (process_->cpu_seconds - last_process_->cpu_seconds) / seconds;
    if (process_->written_bytes && last_process_->written_bytes) {
      point.written_mib_s = rate(*last_process_->written_bytes, *process_->written_bytes) / kMiB;
    }
  }
  if (!stats_ || !last_stats_) return;
  if (stats_->has_own) {
    point.transactions_s = rate(last_stats_->transactions, stats_->transactions);
    point.syncs_s = rate(last_stats_->syncs, stats_->syncs);
  } else if (stats_->commits && last_stats_->commits) {
    point.transactions_s = rate(*last_stats_->commits, *stats_->commits);
  }
}

std::optional<IngestorDelta> IngestorWatch::step_delta(double seconds) const {
  if (!stats_) return std::nullopt;
  const StatsSample before = step_stats_.value_or(StatsSample{});
  const auto rate = [&](std::uint64_t was, std::uint64_t is) {
    return static_cast<double>(grown(was, is)) / seconds;
  };
  IngestorDelta delta;
  delta.lock_hold = stats_->lock_hold;
  delta.has_own = stats_->has_own;
  if (!delta.has_own) {
    if (stats_->commits) delta.transactions_s = rate(before.commits.value_or(0), *stats_->commits);
    return delta;
  }
  delta.received = grown(before.received, stats_->received);
  delta.committed = grown(before.committed, stats_->committed);
  delta.merged = grown(before.merged, stats_->merged);
  delta.rejected = grown(before.rejected, stats_->rejected);
  delta.dropped = grown(before.dropped, stats_->dropped);
  delta.transactions_s = rate(before.transactions, stats_->transactions);
  delta.syncs_s = rate(before.syncs, stats_->syncs);
  delta.receive_to_commit = stats_->receive_to_commit;
  return delta;
}

double IngestorWatch::step_cpu_percent(double seconds) const {
  if (!process_ || !step_process_) return kUnknown;
  return 100 * (process_->cpu_seconds - step_process_->cpu_seconds) / seconds;
}

}  // namespace sluice
