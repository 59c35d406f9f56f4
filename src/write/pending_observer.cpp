#include "write/pending_observer.h"

#include "base/text.h"

namespace sluice {
namespace {

void replace_if_named(std::string_view& field, std::string_view later) {
  if (!later.empty()) field = later;
}

/// An iata is stored trimmed, so one of nothing but blanks is an empty one.
void replace_if_not_blank(std::string_view& iata, std::string_view later) {
  if (!trim_space(later).empty()) iata = later;
}

}  // namespace

void merge_status_fields(StatusReport& into, const StatusReport& later) {
  replace_if_present(into.model, later.model);
  replace_if_present(into.firmware, later.firmware);
  replace_if_present(into.client_version, later.client_version);
  replace_if_present(into.radio, later.radio);
  replace_if_present(into.battery_mv, later.battery_mv);
  replace_if_present(into.uptime_secs, later.uptime_secs);
  replace_if_present(into.tx_air_secs, later.tx_air_secs);
  replace_if_present(into.rx_air_secs, later.rx_air_secs);
  replace_if_present(into.recv_errors, later.recv_errors);
  replace_if_present(into.packets_sent, later.packets_sent);
  replace_if_present(into.packets_recv, later.packets_recv);
  replace_if_present(into.noise_floor, later.noise_floor);
  replace_if_present(into.can_relay, later.can_relay);
}

void PendingObserver::note_contact(WallTime at, std::string_view contact_name,
                                   std::string_view contact_iata) {
  if (contacts == 0) {
    first_contact = at;
    last_contact = LatestTime(at);
  }
  ++contacts;
  last_contact.note(at);
  replace_if_named(name, contact_name);
  replace_if_not_blank(iata, contact_iata);
}

void PendingObserver::note_naive_clock(std::chrono::seconds skew, WallTime at) {
  if (contacts == 0) first_contact_naive = true;  // the contact itself is noted after this
  if (!naive_clock) {
    naive_clock = NaiveClock{.skew_seconds = 0, .events = 0, .first = at, .latest = at};
    last_naive = LatestTime(at);
  }
  naive_clock->skew_seconds = skew.count();
  ++naive_clock->events;
  last_naive.note(at);
}

void PendingObserver::note_packet(WallTime at) { note(last_packet, at); }

bool PendingObserver::note_link(WallTime at) {
  if (contacts == 0) {
    note(link_before_contact, at);
    return true;
  }
  last_contact.note(at);
  note_packet(at);
  return false;
}

bool PendingObserver::note_retained(const StatusReport& status) {
  if (contacts == 0) {
    if (!retained_before_contact) retained_before_contact.emplace();
    replace_if_named(retained_before_contact->name, status.name);
    replace_if_not_blank(retained_before_contact->iata, status.iata);
    merge_status_fields(*retained_before_contact, status);
    return true;
  }
  replace_if_named(name, status.name);
  replace_if_not_blank(iata, status.iata);
  merge_status_fields(fields, status);
  return false;
}

}  // namespace sluice
