#include "write/write_stage.h"

#include <algorithm>

#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 10ms;
constexpr auto kLastRetry = 500ms;
// A read or write that fails may be a cable or a network file system that comes back. With the
// pauses above this is three seconds; after that the disk is broken, and somebody has to know.
constexpr int kMostAttemptsOnABadDisk = 10;
constexpr std::uint32_t kRefusalLinesPerSecond = 5;
// Rejects and statuses don't count towards the cap; this bounds what a flood of them can make a
// window hold.
constexpr std::int64_t kMaxMessagesPerPacketCap = 4;
constexpr std::int64_t kMinMessageCap = 65536;
// Nor does the length of their texts: what batches hold besides the journal's bytes. A window of
// 50,000 ordinary packets needs about half of it.
constexpr std::size_t kMaxWindowBytes = std::size_t{64} << 20U;
constexpr auto kContention = 100ms;  // contract 6

std::uint64_t microseconds_between(WallTime from, WallTime to) {
  return to > from ? static_cast<std::uint64_t>((to - from).count())
                   : 0;  // clocks step backwards, too
}

WindowShape shape_of(const WriteOptions& options, std::size_t sources) {
  return {.sources = sources,
          .slots = options.slots,
          .sample_interval = options.metrics_sample_interval};
}

std::vector<Journal*> journals_of(const std::vector<WriteStage::Source>& sources) {
  std::vector<Journal*> journals;
  journals.reserve(sources.size());
  for (const WriteStage::Source& source : sources) journals.push_back(source.journal);
  return journals;
}

}  // namespace

WriteStage::WriteStage(HandleQueue<Batch>& in, std::vector<Source> sources, Connection& connection,
                       WindowFlow& flow, const WriteOptions& options, const Clock& clock,
                       WriteMetrics& metrics)
    : in_(in),
      sources_(std::move(sources)),
      flow_(flow),
      policy_(options.window),
      clock_(clock),
      metrics_(metrics),
      window_(shape_of(options, sources_.size())),
      transaction_(connection, shape_of(options, sources_.size()), options.slow_transaction, clock,
                   metrics),
      without_rows_(sources_.size()),
      positions_(journals_of(sources_)),
      checkpointer_(connection, options.checkpoint, clock, metrics),
      refusal_lines_(kRefusalLinesPerSecond) {}

MonoTime WriteStage::next_deadline() const {
  if (sealed_) return retry_at_;
  // While a window is open, the positions go with it when it ends.
  const MonoTime next = window_.empty() ? positions_.next_deadline() : window_due_;
  return std::min(next, checkpointer_.next_deadline());
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
    if (!window_.empty() || !positions_.all_stored()) {
      flush(true);
      return 1;
    }
    done_ = true;
    return 0;
  }
  if (window_.empty() && now >= positions_.next_deadline()) {
    flush();
    return 1;
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
  if (window_.empty() && !policy_.per_record()) open_window();
  std::size_t moved = 0;
  while (cursor_ < batch_->size()) {
    window_.add(*batch_, batch_->entries[cursor_]);
    ++cursor_;
    ++batch_in_window_;
    ++moved;
    if (is_full()) break;
  }
  const bool full = is_full();
  if (window_.packets() >= policy_.max_packets / 2) flow_.closed();
  if (cursor_ == batch_->size()) held_.push_back(std::move(batch_));
  metrics_.window_packets.set(window_.packets());
  if (full) flush();
  return moved;
}

void WriteStage::open_window() {
  window_due_ = clock_.mono() + policy_.duration;
  flow_.open_until(window_due_);
}

bool WriteStage::is_full() const noexcept {
  if (policy_.per_record()) return !window_.empty();
  return window_.packets() >= policy_.max_packets || held_bytes_ >= kMaxWindowBytes ||
         positions_.presses(window_, batch_->source()) ||
         static_cast<std::int64_t>(window_.messages().size()) >=
             std::max(kMinMessageCap, kMaxMessagesPerPacketCap * policy_.max_packets);
}

void WriteStage::flush(bool store_positions) {
  flow_.closed();
  const MonoTime now = clock_.mono();
  if (!sealed_) due_ = std::min(now, window_due_);
  if (!sealed_ && !store_positions && !window_.has_rows() && !positions_.is_due(window_, now)) {
    without_rows_.clear();
    without_rows_.add_tallies(window_);
    positions_.note_passed(window_, now);
    return settle(without_rows_);
  }
  try {
    const WindowOutcome& outcome = transaction_.apply(window_, positions_.with(window_));
    if (window_.has_rows()) {
      note_wait(now - due_);
      metrics_.transactions.add();
      if (!policy_.per_record()) metrics_.group_commit_flushes.add();
      metrics_.packets_per_window.record(outcome.packets);
    } else {
      metrics_.position_transactions.add();
    }
    positions_.note_committed(window_);
    log_refusals(outcome);
    settle(outcome);
  } catch (const StoreError& error) {
    if (!may_try_again(error)) throw;
    postpone(error);
    return;
  }
  checkpointer_.consider();
}

void WriteStage::note_wait(MonoTime::duration waited) noexcept {
  metrics_.window_wait_us.record(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(waited).count()));
  if (waited > kContention) metrics_.contended_windows.add();
}

void WriteStage::settle(const WindowOutcome& outcome) {
  const WallTime now = clock_.wall();
  for (const WindowMessage& message : window_.messages()) {
    metrics_.receive_to_commit_us.record(microseconds_between(message.entry->received, now));
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const WindowOutcome::Source& source = outcome.sources[i];
    auto& account = sources_[i].ledger->write;
    account.committed.add(source.committed);
    account.merged.add(source.merged);
    for (std::size_t reason = 0; reason < kRejectReasonCount; ++reason)
      account.rejected[reason].add(source.rejected[reason]);
  }
  metrics_.observations_inserted.add(outcome.observations_inserted);
  metrics_.observations_merged.add(outcome.observations_merged);
  metrics_.transmissions_inserted.add(outcome.transmissions_inserted);
  metrics_.duplicate_packets.add(outcome.packets -
                                 std::min(outcome.packets, outcome.transmissions_inserted));
  metrics_.observer_upserts.add(outcome.observer_upserts);
  metrics_.node_upserts.add(outcome.node_upserts);
  if (sealed_)
    log_info("database: writing again, a window of {} packets is committed", outcome.packets);
  window_.clear();  // before the batches that its views point into
  held_.clear();
  held_bytes_ = batch_ ? batch_->arena.allocated_bytes() : 0;
  if (batch_) batch_->settle(batch_in_window_);
  batch_in_window_ = 0;
  positions_.release_stored();
  window_due_ = MonoTime::max();
  sealed_ = false;
  retry_pause_ = 0ms;
  failed_by_disk_ = 0;
  metrics_.window_packets.set(0);
  metrics_.oldest_waiting_ms.set(0);
}

void WriteStage::log_refusals(const WindowOutcome& outcome) {
  const MonoTime now = clock_.mono();
  if (const std::uint64_t swallowed = refusal_lines_.take_suppressed(now); swallowed > 0)
    log_warn("database: {} further messages were refused", swallowed);
  for (const Refusal& refusal : outcome.refusals) {
    if (!refusal_lines_.admit(now)) continue;
    const WindowMessage& message = refusal.message;
    log_warn("database: refused a message of {} on {}: {}",
             sources_[message.batch->source()].ledger->name, printable(message.entry->topic),
             printable(refusal.why));
  }
}

bool WriteStage::may_try_again(const StoreError& error) noexcept {
  switch (error.kind()) {
    case StoreErrorKind::kBusy:
    case StoreErrorKind::kFull:
      failed_by_disk_ = 0;
      return true;
    case StoreErrorKind::kIo:
      // What a failed fsync leaves in the kernel nobody knows: a retry would lie.
      return !error.is_failed_sync() && ++failed_by_disk_ < kMostAttemptsOnABadDisk;
    default:
      return false;
  }
}

void WriteStage::postpone(const StoreError& error) {
  metrics_.failed_attempts.add();
  if (error.kind() == StoreErrorKind::kBusy) metrics_.locked_attempts.add();
  const MonoTime now = clock_.mono();
  if (!sealed_) {
    sealed_ = true;
    first_failure_ = now;
    metrics_.failed_windows.add();
    log_warn("database: {}; keeping a window of {} packets and trying again", error.what(),
             window_.packets());
  }
  retry_pause_ = std::clamp<std::chrono::milliseconds>(retry_pause_ * 2, kFirstRetry, kLastRetry);
  retry_at_ = now + retry_pause_;
  metrics_.oldest_waiting_ms.set(
      std::chrono::duration_cast<std::chrono::milliseconds>(now - first_failure_).count());
}

}  // namespace sluice
