#include "write/write_stage.h"

#include <algorithm>

#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 10ms;
constexpr auto kLastRetry = 500ms;
// Rejects and statuses don't count towards the cap; this bounds what a flood of them can make a
// window hold.
constexpr std::int64_t kMaxMessagesPerPacketCap = 4;
constexpr std::int64_t kMinMessageCap = 65536;
// Nor does the length of their texts: what batches hold besides the journal's bytes. A window of
// 50,000 ordinary packets needs about half of it.
constexpr std::size_t kMaxWindowBytes = std::size_t{64} << 20U;

std::uint64_t microseconds_between(WallTime from, WallTime to) {
  return to > from ? static_cast<std::uint64_t>((to - from).count())
                   : 0;  // clocks step backwards, too
}

}  // namespace

WriteStage::WriteStage(HandleQueue<Batch>& in, std::vector<Source> sources, Connection& connection,
                       const WriteOptions& options, const Clock& clock, WriteMetrics& metrics)
    : in_(in),
      sources_(std::move(sources)),
      done_seq_(sources_.size(), 0),
      policy_(options.window),
      clock_(clock),
      metrics_(metrics),
      window_(sources_.size(), options.slots, options.metrics_sample_interval),
      transaction_(connection, sources_.size(), options.slots, clock, metrics),
      checkpointer_(connection, options.checkpoint, clock, metrics) {}

MonoTime WriteStage::next_deadline() const {
  if (sealed_) return retry_at_;
  return std::min(window_due_, checkpointer_.next_deadline());
}

std::size_t WriteStage::poll() {
  if (done_) return 0;
  const MonoTime now = clock_.mono();
  if (sealed_) {
    if (now < retry_at_) return 0;
    flush();
    return sealed_ ? 0 : 1;
  }
  if (now >= window_due_) {
    flush();
    return 1;
  }
  if (const std::size_t moved = collect(); moved != 0) return moved;
  if (in_.drained()) {
    if (!window_.empty()) {
      flush();
      return 1;
    }
    done_ = true;
    return 0;
  }
  if (now >= checkpointer_.next_deadline()) checkpointer_.consider();
  return 0;
}

std::size_t WriteStage::collect() {
  if (!batch_) {
    batch_ = in_.try_pop();
    cursor_ = 0;
    batch_in_window_ = 0;
    if (!batch_) return 0;
    held_bytes_ += batch_->arena.allocated_bytes();
  }
  if (window_.empty() && !policy_.per_record()) window_due_ = clock_.mono() + policy_.duration;
  std::size_t moved = 0;
  while (cursor_ < batch_->size()) {
    window_.add(*batch_, batch_->entries[cursor_]);
    ++cursor_;
    ++batch_in_window_;
    ++moved;
    if (is_full()) break;
  }
  const bool full = is_full();
  if (cursor_ == batch_->size()) held_.push_back(std::move(batch_));
  metrics_.window_packets.set(window_.packets());
  if (full) flush();
  return moved;
}

bool WriteStage::is_full() const noexcept {
  if (policy_.per_record()) return !window_.empty();
  return window_.packets() >= policy_.max_packets || held_bytes_ >= kMaxWindowBytes ||
         window_.messages() >=
             std::max(kMinMessageCap, kMaxMessagesPerPacketCap * policy_.max_packets);
}

void WriteStage::flush() {
  if (!window_.has_rows()) return settle(nullptr);
  try {
    const WindowOutcome& outcome = transaction_.apply(window_);
    metrics_.transactions.add();
    if (!policy_.per_record()) metrics_.group_commit_flushes.add();
    metrics_.packets_per_window.record(static_cast<std::uint64_t>(window_.packets()));
    settle(&outcome);
  } catch (const StoreError& error) {
    if (error.kind() != StoreErrorKind::kBusy && error.kind() != StoreErrorKind::kFull) throw;
    postpone(error);
    return;
  }
  checkpointer_.consider();
}

void WriteStage::settle(const WindowOutcome* outcome) {
  const WallTime now = clock_.wall();
  for (const WallTime received : window_.receive_times()) {
    metrics_.receive_to_commit_us.record(microseconds_between(received, now));
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) count_outcomes(i, outcome);
  if (outcome != nullptr) {
    const std::uint64_t packets = static_cast<std::uint64_t>(window_.packets());
    metrics_.transmissions_inserted.add(outcome->transmissions_inserted);
    metrics_.duplicate_packets.add(packets - std::min(packets, outcome->transmissions_inserted));
    metrics_.observer_upserts.add(outcome->observer_upserts);
    metrics_.node_upserts.add(outcome->node_upserts);
  }
  if (sealed_)
    log_info("database: writing again, a window of {} packets is committed", window_.packets());
  window_.clear();  // before the batches that its views point into
  held_.clear();
  held_bytes_ = 0;
  if (batch_) batch_->settle(batch_in_window_);
  for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i].journal->release(done_seq_[i]);
  batch_in_window_ = 0;
  window_due_ = MonoTime::max();
  sealed_ = false;
  retry_pause_ = 0ms;
  metrics_.window_packets.set(0);
  metrics_.oldest_waiting_ms.set(0);
}

void WriteStage::count_outcomes(std::size_t source, const WindowOutcome* outcome) {
  const Window::SourceTally& tally = window_.tallies()[source];
  if (tally.last_seq == 0) return;
  auto& account = sources_[source].ledger->write;
  const std::uint64_t inserted = outcome != nullptr ? outcome->inserted[source] : 0;
  const std::uint64_t merged =
      tally.merged_in_window + (outcome != nullptr ? outcome->merged[source] : 0);
  const std::uint64_t received_by_phones =
      outcome != nullptr ? outcome->receptions_inserted[source] : 0;
  const std::uint64_t repeated_by_phones =
      outcome != nullptr ? outcome->receptions_repeated[source] : 0;
  account.committed.add(inserted + received_by_phones + tally.statuses);
  account.merged.add(merged + repeated_by_phones);
  for (std::size_t i = 0; i < tally.rejected.size(); ++i)
    account.rejected[i].add(tally.rejected[i]);
  metrics_.observations_inserted.add(inserted);
  metrics_.observations_merged.add(merged);
  done_seq_[source] = tally.last_seq;
}

void WriteStage::postpone(const StoreError& error) {
  metrics_.failed_commits.add();
  const MonoTime now = clock_.mono();
  if (!sealed_) {
    sealed_ = true;
    first_failure_ = now;
    log_warn("database: {}; keeping a window of {} packets and trying again", error.what(),
             window_.packets());
  }
  retry_pause_ = std::clamp<std::chrono::milliseconds>(retry_pause_ * 2, kFirstRetry, kLastRetry);
  retry_at_ = now + retry_pause_;
  metrics_.oldest_waiting_ms.set(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - first_failure_).count());
}

}  // namespace sluice
