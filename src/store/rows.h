#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

// What the writer hands to the statements: rows of views, valid for the call only. An absent
// optional is SQL NULL, or "keep what is stored" where a rule merges; an empty view is ''.

struct TransmissionRow {
  std::string_view raw_hex;
  std::uint64_t hash = 0;  ///< content hash; its 16 hex digits read as one big-endian number
  WallTime received;       ///< of the earliest copy: first_seen
  std::optional<WallTime> latest;  ///< of the latest copy, saves the touch(); absent = received
  std::uint8_t route_type = 0;
  std::uint8_t payload_type = 0;
  std::uint8_t payload_version = 0;
  std::optional<std::string_view> decoded_json;
  std::optional<std::string_view> channel_hash;
  std::optional<std::string_view> scope_name;
  std::optional<std::string_view> from_pubkey;
  /// As on the wire; stored only where the table has columns for them (SchemaFeatures).
  std::optional<std::array<std::uint8_t, 4>> transport_codes;
};

/// What is stored of a transmission that was looked up.
struct TransmissionRef {
  std::int64_t id = 0;
  std::int64_t last_seen = 0;  ///< epoch seconds
  std::string first_seen;      ///< TS
};

struct ObservationRow {
  std::int64_t transmission_id = 0;
  std::optional<std::int64_t> observer_idx;  ///< rowid in observers; absent never merges
  std::optional<std::string_view> direction;
  std::optional<double> snr;
  std::optional<double> rssi;
  std::optional<std::int64_t> score;
  std::string_view path_json;
  WallTime received;
  std::optional<std::string_view> raw_hex;
  std::optional<std::string_view> resolved_path;
};

/// What an observer says of itself and observers has a column for (contract 3.5).
struct ObserverStatus {
  std::optional<std::string_view> model;
  std::optional<std::string_view> firmware;
  std::optional<std::string_view> client_version;
  std::optional<std::string_view> radio;
  std::optional<std::int64_t> battery_mv;
  std::optional<std::int64_t> uptime_secs;
  std::optional<double> noise_floor;
  std::optional<bool> can_relay;
};

/// Packets of one observer whose clock had no zone and was off (contract 3.10).
struct NaiveClock {
  std::int64_t skew_seconds = 0;  ///< of the latest; negative = behind
  std::int64_t events = 1;        ///< in this window, less than a day apart
  WallTime first;                 ///< receive time of the first of them
  WallTime latest;                ///< receive time of the latest of them
};

/// All that a window brings for one observer.
struct ObserverUpdate {
  std::string_view id;
  std::string_view name;      ///< the last non-empty one; '' keeps a known one (deviation D5)
  std::string_view iata;      ///< the same; trimmed and upper-cased on the way in
  WallTime seen;              ///< receive time of the latest contact
  WallTime clock_now;         ///< clock at apply; a stored time behind it is pulled back to it
  bool contact = true;        ///< moves last_seen and wakes a retired observer
  std::int64_t contacts = 1;  ///< added to packet_count
  std::optional<WallTime> last_packet;  ///< receive time of the latest packet, absent if none
  ObserverStatus status;
  std::optional<NaiveClock> naive_clock;
  std::optional<WallTime> first_seen;  ///< of a new row; absent = seen
  /// A new row gets a NULL first_seen: what the Go ingestor leaves when the very first packet of
  /// an observer carries a naive clock (contract 3.10).
  bool first_seen_unknown = false;
};

struct MetricsSample {
  std::string_view observer_id;
  WallTime at;  ///< rounded to the sample interval by the caller
  std::optional<double> noise_floor;
  std::optional<std::int64_t> tx_air_secs;
  std::optional<std::int64_t> rx_air_secs;
  std::optional<std::int64_t> recv_errors;
  std::optional<std::int64_t> battery_mv;
  std::optional<std::int64_t> packets_sent;
  std::optional<std::int64_t> packets_recv;
};

/// All that a window's adverts bring for one node.
struct NodeUpdate {
  std::string_view public_key;  ///< lower-case hex
  std::string_view name;        ///< '' keeps a known one (deviation D5)
  std::string_view role;
  std::optional<double> lat;
  std::optional<double> lon;
  WallTime seen;                       ///< receive time of the latest advert
  WallTime clock_now;                  ///< as in ObserverUpdate
  std::optional<WallTime> first_seen;  ///< of a new row; absent = seen
  std::int64_t new_adverts = 0;        ///< new transmissions among them, added to advert_count
  bool foreign = false;                ///< sets the flag, never clears it
  std::optional<std::int64_t> battery_mv;
  std::optional<double> temperature_c;
  std::optional<std::string_view> default_scope;  ///< '' counts as absent
  bool scope_changed = false;  ///< it had another one in between: whatever is stored, it has moved
};

/// What a phone heard, and where (contract 3.8).
struct ClientReceptionRow {
  std::string_view rx_pubkey;
  std::string_view heard_key;  ///< lower-case hex
  std::int64_t heard_keylen = 0;
  std::optional<std::int64_t> rssi;
  std::optional<double> snr;
  double lat = 0;
  double lon = 0;
  std::optional<double> accuracy_m;
  WallTime heard;            ///< rx_at
  WallTime received;         ///< ingested_at
  bool from_advert = false;  ///< src `advert`, else `rxlog`
};

/// An advert that was refused for its signature.
struct DroppedPacketRow {
  std::uint64_t hash = 0;
  std::string_view raw_hex;
  std::string_view reason;
  std::string_view observer_id;
  std::string_view observer_name;
  std::string_view node_pubkey;
  std::string_view node_name;
  WallTime received;
};

}  // namespace sluice
