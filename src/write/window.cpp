#include "write/window.h"

#include <algorithm>
#include <cassert>

namespace sluice {
namespace {

/// The nearest multiple of the interval, ties upwards; may lie in the future (contract 3.5).
WallTime round_to_sample(WallTime time, std::chrono::seconds interval) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
  return WallTime((seconds + interval / 2) / interval * interval);
}

}  // namespace

std::size_t Window::ObservationKeyHash::operator()(const ObservationKey& key) const noexcept {
  return SaltedHash{}(key.path_json, (std::uint64_t{key.transmission} << 32U) | key.observer);
}

Window::Window(const WindowShape& shape)
    : sample_interval_(shape.sample_interval),
      tallies_(shape.sources),
      transmission_of_slot_(shape.slots, 0) {}

void Window::add(const Batch& batch, const Entry& entry) {
  messages_.push_back({.batch = &batch, .entry = &entry});
  SourceTally& tally = tallies_[batch.source()];
  tally.last_seq = entry.seq;
  tally.bytes += entry.topic.size() + entry.payload.size();
  switch (entry.kind) {
    case Entry::Kind::kPacket:
      add_packet(batch.source(), batch.packets[entry.index], entry.received);
      break;
    case Entry::Kind::kStatus:
      add_status(batch.source(), batch.statuses[entry.index], entry.received, entry.retained);
      break;
    case Entry::Kind::kClientReception:
      receptions_.push_back({.reception = &batch.client_receptions[entry.index],
                             .received = entry.received,
                             .source = batch.source()});
      break;
    case Entry::Kind::kUndecoded:
      assert(false && "decode passed an entry by");
      [[fallthrough]];
    case Entry::Kind::kRejected:
      ++tally.rejected[static_cast<std::size_t>(entry.reject)];
      break;
  }
}

void Window::refuse(std::uint32_t source, const Packet& packet, WallTime received) {
  const RejectReason reason = packet.facts->verdict;
  ++tallies_[source].rejected[static_cast<std::size_t>(reason)];
  if (reason == RejectReason::kAdvertBadSignature && !packet.without_dropped_row)
    drops_.push_back({.copy = &packet, .received = received});
}

void Window::note_advert(const Packet& packet, std::uint32_t transmission, WallTime received) {
  const auto [known, added] = node_index_.try_emplace(packet.facts->advert->pubkey,
                                                      static_cast<std::uint32_t>(nodes_.size()));
  if (added) nodes_.emplace_back();
  nodes_[known->second].note_advert(packet, received);
  transmissions_[transmission].node = known->second;
}

void Window::add_packet(std::uint32_t source, const Packet& packet, WallTime received) {
  if (packet.facts->verdict != RejectReason::kNone) return refuse(source, packet, received);
  ++packets_;
  const PacketReport& report = packet.report;
  const std::uint32_t transmission = transmission_of(packet, received);
  if (packet.links_observer_only) return add_linked(source, transmission, packet, received);
  if (packet.facts->advert) note_advert(packet, transmission, received);
  std::uint32_t observer = kNoObserver;
  if (!report.observer_id.empty()) {
    observer = observer_of(report.observer_id);
    if (packet.naive_clock_skew) {
      observers_[observer].note_naive_clock(*packet.naive_clock_skew, received);
    }
    observers_[observer].note_contact(received, report.origin, report.region);
    observers_[observer].note_packet(received);

    // Records without an observer never merge: in the unique index their NULLs differ.
    const auto [known, added] =
        observation_index_.try_emplace({transmission, observer, packet.path_json},
                                       static_cast<std::uint32_t>(observations_.size()));
    if (!added) {
      PendingObservation& merged = observations_[known->second];
      replace_if_present(merged.snr, report.snr);
      replace_if_present(merged.rssi, report.rssi);
      replace_if_present(merged.score, report.score);
      merged.raw_hex = report.raw;
      ++tallies_[source].merged_in_window;
      return;
    }
  }
  observations_.push_back({.transmission = transmission,
                           .observer = observer,
                           .source = source,
                           .first = &packet,
                           .received = received,
                           .snr = report.snr,
                           .rssi = report.rssi,
                           .score = report.score,
                           .raw_hex = report.raw});
}

void Window::add_linked(std::uint32_t source, std::uint32_t transmission, const Packet& packet,
                        WallTime received) {
  const PacketReport& report = packet.report;
  const std::uint32_t observer = observer_of(report.observer_id);
  const bool before_contact = observers_[observer].note_link(received);
  // Never merged here: whether two of them have an observer at all, only the database knows.
  observations_.push_back({.transmission = transmission,
                           .observer = observer,
                           .source = source,
                           .first = &packet,
                           .received = received,
                           .before_contact = before_contact,
                           .snr = report.snr,
                           .rssi = report.rssi,
                           .score = report.score,
                           .raw_hex = report.raw});
}

std::uint32_t Window::transmission_of(const Packet& packet, WallTime received) {
  std::uint32_t& entry = transmission_of_slot_[packet.slot];
  if (entry != 0 && !packet.fresh) {
    PendingTransmission& known = transmissions_[entry - 1];
    known.earliest = std::min(known.earliest, received);
    known.latest = std::max(known.latest, received);
    return entry - 1;
  }
  transmissions_.push_back({.first = &packet,
                            .slot = packet.slot,
                            .fresh = packet.fresh,
                            .received = received,
                            .earliest = received,
                            .latest = received});
  entry = static_cast<std::uint32_t>(transmissions_.size());
  return entry - 1;
}

std::uint32_t Window::observer_of(std::string_view id) {
  const auto [known, added] =
      observer_index_.try_emplace(id, static_cast<std::uint32_t>(observers_.size()));
  if (added) observers_.emplace_back().id = id;
  return known->second;
}

void Window::add_status(std::uint32_t source, const StatusReport& status, WallTime received,
                        bool retained) {
  const std::uint32_t index = observer_of(status.observer_id);
  PendingObserver& observer = observers_[index];
  if (retained) {
    if (observer.note_retained(status))
      retained_.push_back({.observer = index, .source = source});
    else
      ++tallies_[source].statuses;
    return;
  }
  ++tallies_[source].statuses;
  observer.note_contact(received, status.name, status.iata);
  merge_status_fields(observer.fields, status);
  if (status.has_metrics()) add_metrics(index, status, received);
}

void Window::add_metrics(std::uint32_t observer, const StatusReport& status, WallTime received) {
  const WallTime at = round_to_sample(received, sample_interval_);
  // Only the observer's newest sample is looked at: should an older bucket come back, it is written
  // a second time, and the database merges by the same rule.
  std::optional<std::uint32_t>& newest = observers_[observer].newest_metrics;
  if (newest && metrics_[*newest].at == at) {
    return merge_status_fields(metrics_[*newest].fields, status);
  }
  newest = static_cast<std::uint32_t>(metrics_.size());
  metrics_.push_back({.observer = observer, .at = at, .fields = status});
}

void Window::clear() {
  for (const PendingTransmission& transmission : transmissions_)
    transmission_of_slot_[transmission.slot] = 0;
  messages_.clear();
  packets_ = 0;
  transmissions_.clear();
  observations_.clear();
  observers_.clear();
  metrics_.clear();
  nodes_.clear();
  drops_.clear();
  receptions_.clear();
  retained_.clear();
  std::fill(tallies_.begin(), tallies_.end(), SourceTally{});
  observer_index_.clear();
  node_index_.clear();
  observation_index_.clear();
}

}  // namespace sluice
