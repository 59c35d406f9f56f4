#include "dedup/dedup_stage.h"

#include <cassert>

#include "packet/frame.h"

namespace sluice {

DedupStage::DedupStage(HandleQueue<Batch>& in, HandleQueue<Batch>& out,
                       std::vector<SourceFlow*> flows, KnownTransmissions known,
                       TransmissionReader reader, DedupCounters& counters, Wakeup* feed_wakeup,
                       EventLog* events, FloodGuard* guard)
    : in_(in),
      out_(out),
      lanes_(flows.size()),
      known_(std::move(known)),
      reader_(std::move(reader)),
      counters_(counters),
      feed_wakeup_(feed_wakeup),
      events_(events),
      guard_(guard) {
  for (std::size_t i = 0; i < flows.size(); ++i) lanes_[i].flow = flows[i];
}

std::size_t DedupStage::poll() {
  if (done_) return 0;
  if (unsent_ && !out_.try_push(unsent_)) {
    // Due at a time, whether there is room or not: a deadline that passes must not stay behind.
    if (events_ != nullptr) events_->tell_suppressed();
    return 0;
  }

  std::size_t arrived = 0;
  if (std::unique_ptr<Batch> batch = in_.try_pop()) {
    arrived = batch->size();
    auto& place = lanes_[batch->source()].places[batch->number() % kReorderPlaces];
    assert(!place && "feed sent more batches than there are places");
    place = std::move(batch);
    ++out_of_order_;
  }
  unsent_ = next_in_order();
  if (!unsent_) {
    if (arrived == 0 && out_of_order_ == 0 && in_.drained()) {
      out_.close();
      done_ = true;
      if (guard_ != nullptr) guard_->finish();
    }
    if (events_ != nullptr) done_ ? events_->finish() : events_->tell_suppressed();
    return arrived;
  }
  judge(*unsent_);
  if (events_ != nullptr) events_->note(*unsent_);
  const std::size_t moved = unsent_->size();
  static_cast<void>(out_.try_push(unsent_));  // full: it stays in unsent_ and goes first next time
  return moved;
}

MonoTime DedupStage::next_deadline() const {
  return events_ != nullptr ? events_->next_deadline() : MonoTime::max();
}

std::unique_ptr<Batch> DedupStage::next_in_order() {
  if (out_of_order_ == 0) return nullptr;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[(turn_ + i) % lanes_.size()];
    auto& place = lane.places[lane.next_batch % kReorderPlaces];
    if (!place) continue;
    std::unique_ptr<Batch> batch = std::move(place);
    --out_of_order_;
    turn_ = (turn_ + i + 1) % lanes_.size();
    ++lane.next_batch;
    if (lane.flow->note_in_order(lane.next_batch) && feed_wakeup_ != nullptr)
      feed_wakeup_->notify();
    return batch;
  }
  return nullptr;
}

void DedupStage::judge(Batch& batch) {
  for (Entry& entry : batch.entries) {
    if (guard_ != nullptr) {
      // Before recognition: what is refused here is nobody's first copy.
      const RejectReason refused = guard_->admit(batch, entry);
      if (refused != RejectReason::kNone) {
        batch.reject(entry, refused);
        continue;
      }
    }
    if (entry.kind == Entry::Kind::kPacket)
      recognise(batch.source(), batch.packets[entry.index], entry.received);
    if (guard_ != nullptr) guard_->settle(batch, entry);
  }
}

void DedupStage::recognise(std::size_t source, Packet& packet, WallTime received) {
  const auto [slot, fresh] = known_.find_or_add(packet.content_hash);
  (fresh ? counters_.fresh_transmissions : counters_.known_copies).add();
  packet.slot = slot;
  packet.fresh = fresh;
  // A text without a frame brings its own facts, as long as its sender likes; the slots keep only
  // what frames say, which is short.
  if (packet.facts) return;
  std::shared_ptr<const TransmissionFacts>& facts = known_.facts(slot);
  if (!facts) {
    facts = read_payload(packet);
    if (guard_ != nullptr) facts = guard_->judge(source, facts, received);
  }
  packet.facts = facts;
}

std::shared_ptr<const TransmissionFacts> DedupStage::read_payload(const Packet& packet) {
  const std::uint64_t decodes_before = reader_.payload_decodes();
  const std::uint64_t checks_before = reader_.signature_checks();
  const FrameResult parsed = parse_frame(packet.frame);
  assert(parsed.ok() && "decode passed on a frame that does not parse");
  auto facts = reader_.read(parsed.frame);
  counters_.payload_decodes.add(reader_.payload_decodes() - decodes_before);
  counters_.signature_checks.add(reader_.signature_checks() - checks_before);
  return facts;
}

}  // namespace sluice
