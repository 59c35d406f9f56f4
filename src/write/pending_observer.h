#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "model/envelope.h"
#include "store/rows.h"
#include "write/latest_time.h"

namespace sluice {

/// A newer value wins, an absent one keeps what is there (contract 3.6).
template <typename T>
void replace_if_present(std::optional<T>& field, const std::optional<T>& later) {
  if (later) field = later;
}

/// The optional fields of a status, as one window's sequence of statuses leaves them: a later value
/// replaces, an absent one keeps.
void merge_status_fields(StatusReport& into, const StatusReport& later);

/// Everything that one window has to say about one observer. Written once per window, with the
/// value that the sequence of single writes would have left (contract 3.6; deviations D5, D21).
///
/// Thread: bound(write). Views live in the batches that the window keeps.
struct PendingObserver {
  std::string_view id;
  std::string_view name;      ///< the last non-empty one
  std::string_view iata;      ///< likewise
  std::int64_t contacts = 0;  ///< packets and live statuses; 0 = only retained statuses so far
  WallTime first_contact;
  bool first_contact_naive = false;  ///< its clock had no zone and was off (contract 3.10)
  LatestTime last_contact;
  std::optional<LatestTime> last_packet;
  std::optional<NaiveClock> naive_clock;  ///< `latest` is in last_naive
  LatestTime last_naive;
  StatusReport fields;  ///< metadata, merged

  /// Retained statuses that came before the first contact: they touch an observer that the database
  /// knows already, and make no row otherwise.
  std::optional<StatusReport> retained_before_contact;

  std::optional<std::uint32_t> newest_metrics;  ///< index into the window's metrics
  /// Latest text of a companion bridge before the first contact: touches an observer that the
  /// database knows already, and makes no row otherwise (contract 3.7).
  std::optional<LatestTime> link_before_contact;
  std::int64_t row_id_before_contact = 0;  ///< while the window is applied; 0 = there was no row
  std::int64_t row_id = 0;                 ///< known while the window is applied
  bool row_before_contact = false;         ///< … of retained statuses: whether there was a row

  void note_naive_clock(std::chrono::seconds skew, WallTime at);
  void note_contact(WallTime at, std::string_view contact_name, std::string_view contact_iata);
  /// Returns whether it comes before the first contact.
  [[nodiscard]] bool note_retained(const StatusReport& status);
  void note_packet(WallTime at);
  /// A packet that is no contact. Returns whether it comes before the first contact.
  [[nodiscard]] bool note_link(WallTime at);
};

}  // namespace sluice
