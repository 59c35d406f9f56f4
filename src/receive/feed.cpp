#include "receive/feed.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::uint64_t kFillingPart = 8;  // of a journal; where write/position_keeper hurries, too

}  // namespace

Feed::Feed(const std::vector<Source>& sources, HandleQueue<Batch>& out, const WindowFlow& window,
           const FeedOptions& options, const Clock& clock, Histogram& batch_sizes)
    : window_(window), options_(options), clock_(clock), batch_sizes_(batch_sizes), out_(out) {
  for (const Source& source : sources) lanes_.push_back({.source = source});
  choose_lanes();
}

bool Feed::is_through(const Lane& lane) const {
  return lane.source.journal->input_closed() && lane.source.journal->backlog() == 0 &&
         lane.source.flow->has_reached(lane.next_batch);
}

void Feed::choose_lanes() {
  serving_.clear();
  turn_ = 0;
  for (Lane& lane : lanes_) {
    if (!lane.source.recovered || is_through(lane)) continue;
    serving_.push_back(&lane);
    return;
  }
  for (Lane& lane : lanes_) {
    if (!lane.source.recovered) serving_.push_back(&lane);
  }
}

std::size_t Feed::poll() {
  if (done_) return 0;
  next_deadline_ = MonoTime::max();  // while the queue is full, too: its room is news, time is not
  if (unsent_ && !out_.try_push(unsent_)) return 0;

  if (serving_.size() == 1 && serving_[0]->source.recovered && is_through(*serving_[0]))
    choose_lanes();

  // A source is finished when its input was closed *before* the backlog was seen empty, hence this
  // order.
  bool all_closed = true;
  for (const Lane& lane : lanes_) all_closed = all_closed && lane.source.journal->input_closed();

  const MonoTime now = clock_.mono();
  std::uint64_t backlog = 0;
  for (const Lane& lane : lanes_) backlog += lane.source.journal->backlog();
  for (std::size_t i = 0; i < serving_.size(); ++i) {
    Lane& lane = *serving_[(turn_ + i) % serving_.size()];
    if (!wants_cut(lane, now)) continue;
    turn_ = (turn_ + i + 1) % serving_.size();
    unsent_ = cut(lane);
    const std::size_t moved = unsent_->size();
    batch_sizes_.record(moved);
    static_cast<void>(
        out_.try_push(unsent_));  // full: it stays in unsent_ and goes first next time
    return moved;
  }
  if (all_closed && backlog == 0) {
    out_.close();
    done_ = true;
  }
  return 0;
}

bool Feed::wants_cut(Lane& lane, MonoTime now) {
  Journal& journal = *lane.source.journal;
  if (journal.backlog() == 0 && !journal.has_news()) {
    lane.waiting_since = MonoTime::max();
    return false;
  }
  const std::uint64_t waiting = journal.backlog();
  if (lane.waiting_since == MonoTime::max()) lane.waiting_since = now;
  if (lane.next_batch >= kReorderPlaces &&
      !lane.source.flow->has_reached(lane.next_batch - kReorderPlaces + 1))
    return false;
  if (waiting >= options_.batch_messages || lane.source.journal->input_closed()) return true;
  const MonoTime due = this->due(lane);
  if (now >= due) return true;
  // Looks again after a linger at the latest: nobody tells it meanwhile of a burst, or of a window
  // that was full early.
  next_deadline_ = std::min({next_deadline_, due, now + options_.linger});
  return false;
}

MonoTime Feed::due(const Lane& lane) const noexcept {
  const MonoTime due = lane.waiting_since + options_.linger;
  const MonoTime closes = window_.closes();
  const Journal& journal = *lane.source.journal;
  // Few messages may be many bytes, and what waits takes room from what arrives.
  const bool filling = journal.used_bytes() > journal.capacity_bytes() / kFillingPart;
  if (closes <= due || filling) return due;
  return std::max(
      due, std::min(lane.waiting_since + options_.linger_in_window, closes - options_.linger));
}

std::unique_ptr<Batch> Feed::cut(Lane& lane) {
  auto batch = std::make_unique<Batch>(static_cast<std::uint32_t>(&lane - lanes_.data()),
                                       lane.next_batch++, lane.source.ledger->in_batches);
  const std::uint64_t waiting = lane.source.journal->backlog();
  batch->entries.reserve(std::min<std::uint64_t>(waiting, options_.batch_messages));
  std::size_t bytes = 0;
  JournalRecord record;
  while (batch->size() < options_.batch_messages && bytes < options_.batch_bytes &&
         lane.source.journal->read(record)) {
    Entry entry;
    entry.seq = record.seq;
    entry.received = record.message.received;
    entry.topic = record.message.topic;
    entry.payload = record.message.payload;
    entry.retained = record.message.retained;
    batch->add(entry);
    bytes += record.message.payload.size();
  }
  lane.waiting_since = MonoTime::max();
  return batch;
}

}  // namespace sluice
