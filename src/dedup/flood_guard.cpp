#include "dedup/flood_guard.h"

#include <utility>

#include "base/salted_hash.h"

namespace sluice {
namespace {

constexpr std::size_t kObserverLevel = 2;

/// The level of a topic that names the observer; '' when it has none.
std::string_view observer_in(std::string_view topic) {
  for (std::size_t level = 0; level < kObserverLevel; ++level) {
    const std::size_t slash = topic.find('/');
    if (slash == std::string_view::npos) return {};
    topic.remove_prefix(slash + 1);
  }
  return topic.substr(0, topic.find('/'));
}

}  // namespace

FloodGuard::FloodGuard(const FloodLimits& limits, FloodMetrics& metrics)
    : metrics_(metrics),
      rates_({limits.observer_messages_per_minute, std::chrono::minutes(1)}),
      new_observers_(limits.new_observers_per_hour, metrics.talkers.size(), metrics.new_observers),
      new_nodes_(limits.new_nodes_per_hour, metrics.talkers.size(), metrics.new_nodes),
      dropped_limit_{limits.dropped_packets_per_hour, std::chrono::hours(1)} {
  for (Latest<TalkersOfMinute>& published : metrics.talkers) talkers_.emplace_back(published);
}

std::uint64_t FloodGuard::key_of(Kind kind, std::string_view id) {
  return SaltedHash{}(id, static_cast<std::uint64_t>(kind));
}

void FloodGuard::learn_observer(std::string_view id) {
  new_observers_.learn(key_of(Kind::kObserver, id));
}

void FloodGuard::learn_phone(std::string_view public_key) {
  new_observers_.learn(key_of(Kind::kPhone, public_key));
}

void FloodGuard::learn_node(std::string_view public_key) {
  new_nodes_.learn(key_of(Kind::kNode, public_key));
}

FloodGuard::Sender FloodGuard::sender_of(const Batch& batch, const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::kPacket: {
      const Packet& packet = batch.packets[entry.index];
      return {.id = packet.report.observer_id,
              .makes_row = !packet.links_observer_only && !packet.report.observer_id.empty()};
    }
    case Entry::Kind::kStatus:
      return {.id = batch.statuses[entry.index].observer_id, .makes_row = !entry.retained};
    case Entry::Kind::kClientReception: {
      const ClientReport& report = batch.client_receptions[entry.index].report;
      return {.id = report.rx_pubkey, .kind = Kind::kPhone, .makes_row = !report.name.empty()};
    }
    case Entry::Kind::kRejected:
    case Entry::Kind::kUndecoded:
      break;
  }
  return {.id = observer_in(entry.topic)};
}

RejectReason FloodGuard::verdict_on(std::size_t source, const Sender& sender,
                                    std::uint64_t sender_at_source, WallTime received) {
  if (!rates_.take(sender_at_source, received)) return RejectReason::kObserverRateLimited;
  if (sender.makes_row &&
      !new_observers_.may_enter(source, key_of(sender.kind, sender.id), received))
    return RejectReason::kTooManyObservers;
  return RejectReason::kNone;
}

RejectReason FloodGuard::admit(const Batch& batch, const Entry& entry) {
  const Sender sender = sender_of(batch, entry);
  const std::size_t source = batch.source();
  const std::uint64_t sender_at_source = SaltedHash{}(
      sender.id, (std::uint64_t{batch.source()} << 8U) | static_cast<std::uint64_t>(sender.kind));
  // What is refused already costs nothing more, and its sender nothing either.
  const RejectReason verdict = entry.kind == Entry::Kind::kRejected
                                   ? entry.reject
                                   : verdict_on(source, sender, sender_at_source, entry.received);
  talkers_[source].note(sender_at_source, sender.id, verdict != RejectReason::kNone,
                        entry.received);
  return verdict;
}

std::shared_ptr<const TransmissionFacts> FloodGuard::judge(
    std::size_t source, std::shared_ptr<const TransmissionFacts> facts, WallTime received) {
  if (facts->verdict != RejectReason::kNone || !facts->advert) return facts;
  const std::uint64_t node = key_of(Kind::kNode, facts->advert->pubkey);
  if (new_nodes_.may_enter(source, node, received)) {
    new_nodes_.enter(source, node, received);
    return facts;
  }
  auto refused = std::make_shared<TransmissionFacts>(*facts);
  refused->verdict = RejectReason::kTooManyNodes;
  return refused;
}

void FloodGuard::settle(Batch& batch, const Entry& entry) {
  const std::size_t source = batch.source();
  if (entry.kind == Entry::Kind::kPacket) {
    Packet& packet = batch.packets[entry.index];
    if (packet.facts->verdict == RejectReason::kAdvertBadSignature && !dropped_limit_.off()) {
      if (dropped_rows_.empty())
        dropped_rows_.assign(talkers_.size(), TokenBucket(dropped_limit_, entry.received));
      packet.without_dropped_row = !dropped_rows_[source].take(dropped_limit_, entry.received);
      if (packet.without_dropped_row) metrics_.dropped_rows_suppressed.add();
    }
    if (packet.facts->verdict != RejectReason::kNone) return;
  }
  const Sender sender = sender_of(batch, entry);
  if (sender.makes_row)
    new_observers_.enter(source, key_of(sender.kind, sender.id), entry.received);
}

void FloodGuard::finish() {
  for (TopTalkers& talkers : talkers_) talkers.finish();
}

}  // namespace sluice
