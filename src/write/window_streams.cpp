#include "write/window_streams.h"

#include "base/timestamp_text.h"

namespace sluice {
namespace {

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

}  // namespace

const TransmissionRow* UnknownTransmissions::next() noexcept {
  while (next_ < rows_.size() && rows_[next_].id != 0) ++next_;
  if (next_ == rows_.size()) return nullptr;
  current_ = next_++;
  const PendingTransmission& pending = window_.transmissions()[current_];
  const Packet& packet = *pending.first;
  const TransmissionFacts& facts = *packet.facts;
  row_ = {.raw_hex = packet.report.raw,
          .hash = packet.content_hash,
          .received = pending.received,
          .latest = pending.latest,
          .route_type = packet.route_type,
          .payload_type = packet.payload_type,
          .payload_version = packet.payload_version,
          .decoded_json = facts.decoded_json,
          .channel_hash = view_of(facts.channel_hash),
          .scope_name = packet.scope_name,
          .from_pubkey = view_of(facts.from_pubkey),
          .transport_codes = packet.transport_codes};
  return &row_;
}

void UnknownTransmissions::written(std::optional<std::int64_t> new_id) noexcept {
  if (!new_id) return;  // stored before: by an earlier process, or before its slot was given away
  const PendingTransmission& pending = window_.transmissions()[current_];
  rows_[current_] = {.id = *new_id,
                     .first_seen = epoch_seconds(pending.received),
                     .last_seen = epoch_seconds(pending.latest)};
  if (pending.node != kNoNode) ++window_.nodes()[pending.node].new_adverts;
  ++inserted_;
}

const ObservationRow* WindowObservations::next() noexcept {
  if (next_ == window_.observations().size()) return nullptr;
  const PendingObservation& pending = window_.observations()[next_++];
  row_ = {.transmission_id = transmissions_[pending.transmission].id,
          .observer_idx = observer_of(pending),
          .direction = pending.first->report.direction,
          .snr = pending.snr,
          .rssi = pending.rssi,
          .score = pending.score,
          .path_json = pending.first->path_json,
          .received = pending.received,
          .raw_hex = std::nullopt,
          .resolved_path = std::nullopt};
  if (!pending.raw_hex.empty()) row_.raw_hex = pending.raw_hex;
  return &row_;
}

void WindowObservations::written(Outcome outcome) noexcept {
  const bool inserted = outcome == Outcome::kInserted;
  WindowOutcome::Source& account = outcome_.sources[window_.observations()[next_ - 1].source];
  ++(inserted ? account.committed : account.merged);
  ++(inserted ? outcome_.observations_inserted : outcome_.observations_merged);
}

std::optional<std::int64_t> WindowObservations::observer_of(
    const PendingObservation& pending) const {
  if (pending.observer == kNoObserver) return std::nullopt;
  const PendingObserver& observer = window_.observers()[pending.observer];
  const std::int64_t id = pending.before_contact ? observer.row_id_before_contact : observer.row_id;
  return id != 0 ? std::optional(id) : std::nullopt;
}

}  // namespace sluice
