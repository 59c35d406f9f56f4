#include "write/window_rows.h"

#include <algorithm>

#include "base/timestamp_text.h"
#include "write/window_streams.h"

namespace sluice {
namespace {

ObserverStatus to_columns(const StatusReport& fields) {
  return {.model = fields.model,
          .firmware = fields.firmware,
          .client_version = fields.client_version,
          .radio = fields.radio,
          .battery_mv = fields.battery_mv,
          .uptime_secs = fields.uptime_secs,
          .noise_floor = fields.noise_floor,
          .can_relay = fields.can_relay};
}

}  // namespace

WindowRows::WindowRows(Connection& connection, std::size_t slot_count)
    : connection_(connection),
      statements_(connection),
      known_(slot_count),
      data_version_(connection.data_version()) {}

void WindowRows::notice_others() {
  const std::int64_t version = connection_.data_version();
  if (version == data_version_) return;
  data_version_ = version;
  known_.forget_all();
  statements_.transmissions.notice_others();
  statements_.observations.notice_others();
}

void WindowRows::write(Window& window, WallTime clock_now, WindowOutcome& outcome) {
  outcome_ = &outcome;
  outcome.add_tallies(window);
  write_observers(window.observers(), clock_now);
  write_transmissions(window);
  write_observations(window);
  write_metrics(window);
  write_nodes(window.nodes(), clock_now);
  write_drops(window.drops());
  write_receptions(window.receptions());
  judge_retained(window);
}

void WindowRows::learn(const Window& window) {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    known_.learn(window.transmissions()[i].slot, rows_[i]);
}

bool WindowRows::is_rows_fault(const StoreError& error) {
  if (error.kind() == StoreErrorKind::kConstraint) return true;
  if (error.kind() != StoreErrorKind::kStatement) return false;
  // The schema's fault would be every row's. If all statements still compile, it is this one's.
  try {
    const Statements probe(connection_);
    return true;
  } catch (const StoreError&) {
    return false;
  }
}

void WindowRows::write_observers(std::vector<PendingObserver>& observers, WallTime clock_now) {
  for (PendingObserver& observer : observers) {
    write_before_contact(observer, clock_now);
    if (observer.contacts == 0) continue;
    ObserverUpdate update;
    update.id = observer.id;
    update.clock_now = clock_now;
    update.name = observer.name;
    update.iata = observer.iata;
    update.seen = observer.last_contact.at(clock_now);
    update.first_seen = observer.first_contact;
    update.first_seen_unknown = observer.first_contact_naive;
    update.contact = true;
    update.contacts = observer.contacts;
    if (observer.last_packet) update.last_packet = observer.last_packet->at(clock_now);
    update.naive_clock = observer.naive_clock;
    if (update.naive_clock) update.naive_clock->latest = observer.last_naive.at(clock_now);
    update.status = to_columns(observer.fields);
    observer.row_id = statements_.observers.upsert(update);
    outcome_->observer_upserts += static_cast<std::uint64_t>(observer.contacts);
  }
}

void WindowRows::write_before_contact(PendingObserver& observer, WallTime clock_now) {
  if (const auto& retained = observer.retained_before_contact) {
    ObserverUpdate update;
    update.id = observer.id;
    update.name = retained->name;
    update.iata = retained->iata;
    update.status = to_columns(*retained);
    update.contact = false;
    update.contacts = 0;
    observer.row_before_contact = statements_.observers.update_known(update);
  }
  observer.row_id_before_contact = 0;
  if (const auto& linked = observer.link_before_contact) {
    observer.row_id_before_contact =
        statements_.observers.touch_known(observer.id, linked->at(clock_now), clock_now)
            .value_or(0);
  }
}

void WindowRows::write_transmissions(Window& window) {
  rows_.clear();
  for (const PendingTransmission& pending : window.transmissions())
    rows_.push_back(pending.fresh ? KnownRows::Row{} : known_[pending.slot]);
  for (PendingNode& node : window.nodes()) node.new_adverts = 0;  // this may be a repeated attempt
  insert_unknown(window);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const PendingTransmission& pending = window.transmissions()[i];
    if (rows_[i].id == 0) find_transmission(rows_[i], pending);
    touch_transmission(rows_[i], pending);
  }
}

void WindowRows::insert_unknown(Window& window) {
  UnknownTransmissions unknown(window, rows_);
  statements_.transmissions.insert_all(unknown);
  outcome_->transmissions_inserted += unknown.inserted();
}

void WindowRows::find_transmission(KnownRows::Row& row, const PendingTransmission& pending) {
  const auto stored = statements_.transmissions.find(pending.first->content_hash);
  if (!stored) {
    throw StoreError(StoreErrorKind::kOther, 0,
                     "a transmission that was there a moment ago is gone");
  }
  row = {.id = stored->id,
         .first_seen = stored->first_seen <= TimestampText(pending.earliest).view()
                           ? epoch_seconds(pending.earliest)
                           : INT64_MAX,
         .last_seen = stored->last_seen};
}

void WindowRows::touch_transmission(KnownRows::Row& row, const PendingTransmission& pending) {
  if (const std::int64_t latest = epoch_seconds(pending.latest); latest > row.last_seen) {
    statements_.transmissions.raise_last_seen(row.id, pending.latest);
    row.last_seen = latest;
  }
  if (const std::int64_t earliest = epoch_seconds(pending.earliest); earliest < row.first_seen) {
    statements_.transmissions.lower_first_seen(row.id, pending.earliest);
    row.first_seen = earliest;
  }
}

void WindowRows::write_observations(Window& window) {
  WindowObservations observations(window, rows_, *outcome_);
  statements_.observations.upsert_all(observations);
}

void WindowRows::write_metrics(Window& window) {
  for (const PendingMetrics& pending : window.metrics()) {
    const StatusReport& fields = pending.fields;
    statements_.metrics.merge({.observer_id = window.observers()[pending.observer].id,
                               .at = pending.at,
                               .noise_floor = fields.noise_floor,
                               .tx_air_secs = fields.tx_air_secs,
                               .rx_air_secs = fields.rx_air_secs,
                               .recv_errors = fields.recv_errors,
                               .battery_mv = fields.battery_mv,
                               .packets_sent = fields.packets_sent,
                               .packets_recv = fields.packets_recv});
  }
}

void WindowRows::write_nodes(std::vector<PendingNode>& nodes, WallTime clock_now) {
  for (const PendingNode& node : nodes) {
    statements_.nodes.upsert({.public_key = node.public_key,
                              .name = node.name,
                              .role = node.role,
                              .lat = node.lat,
                              .lon = node.lon,
                              .seen = node.last_seen.at(clock_now),
                              .clock_now = clock_now,
                              .first_seen = node.first_seen,
                              .new_adverts = node.new_adverts,
                              .foreign = node.foreign,
                              .battery_mv = node.battery_mv,
                              .temperature_c = node.temperature_c,
                              .default_scope = node.default_scope,
                              .scope_changed = node.scope_changed});
    outcome_->node_upserts += static_cast<std::uint64_t>(node.adverts);
  }
}

void WindowRows::judge_retained(Window& window) {
  for (const PendingRetained& pending : window.retained()) {
    WindowOutcome::Source& account = outcome_->sources[pending.source];
    if (window.observers()[pending.observer].row_before_contact)
      ++account.committed;
    else
      account.reject(RejectReason::kRetainedUnknownObserver);
  }
}

void WindowRows::write_drops(const std::vector<PendingDrop>& drops) {
  for (const PendingDrop& drop : drops) {
    const Packet& copy = *drop.copy;
    statements_.dropped_packets.insert({.hash = copy.content_hash,
                                        .raw_hex = copy.report.raw,
                                        .reason = "invalid signature",
                                        .observer_id = copy.report.observer_id,
                                        .observer_name = copy.report.origin,
                                        .node_pubkey = copy.facts->advert->pubkey,
                                        .node_name = copy.facts->advert->name,
                                        .received = drop.received});
  }
}

void WindowRows::write_receptions(const std::vector<PendingReception>& receptions) {
  for (const PendingReception& pending : receptions) {
    const ClientReception& reception = *pending.reception;
    const ClientReport& report = reception.report;
    const bool inserted = statements_.clients.insert({.rx_pubkey = report.rx_pubkey,
                                                      .heard_key = reception.heard_key,
                                                      .heard_keylen = reception.heard_key_bytes,
                                                      .rssi = report.rssi,
                                                      .snr = report.snr,
                                                      .lat = report.lat,
                                                      .lon = report.lon,
                                                      .accuracy_m = report.accuracy_m,
                                                      .heard = reception.heard,
                                                      .received = pending.received,
                                                      .from_advert = reception.from_advert});
    WindowOutcome::Source& account = outcome_->sources[pending.source];
    ++(inserted ? account.committed : account.merged);
    if (!report.name.empty()) {
      statements_.clients.note_observer(report.rx_pubkey, report.name, pending.received);
    }
  }
}

}  // namespace sluice
