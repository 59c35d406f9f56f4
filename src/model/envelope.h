#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "model/reject_reason.h"

namespace sluice {

/// One reception of a packet as its observer reported it (contract 3.4). Views point into the
/// journal's record or into the batch's arena and live as long as the batch.
struct PacketReport {
  std::string_view observer_id;  ///< third topic segment, verbatim; empty = the record names none
  std::string_view region;       ///< payload `region`, else topic, else the source's; as written
  std::string_view origin;       ///< the observer's name, '' when the record has none
  std::string_view raw;        ///< hex of the frame with spaces, LF and CR removed (deviation D10)
  std::string_view timestamp;  ///< the observer's clock, unparsed; '' when absent
  std::optional<std::string_view> direction;  ///< verbatim, may be ''
  std::optional<double> snr;                  ///< dB, finite
  std::optional<double> rssi;                 ///< dBm, finite
  std::optional<std::int64_t> score;          ///< rounded half away from zero (deviation D4)
  /// The content hash that a tx record claims for its frame, its 16 hex digits read as one number:
  /// a frame with another hash is stale (deviation tx). Absent in rx records and where the bridge
  /// left it out.
  std::optional<std::uint64_t> claimed_hash;
};

/// What an observer says of itself (contract 3.5). An absent value leaves the stored one alone.
struct StatusReport {
  std::string_view observer_id;
  std::string_view name;  ///< `origin`, else ''
  std::string_view iata;  ///< second topic segment, as written
  std::optional<std::string_view> model;
  std::optional<std::string_view> firmware;
  std::optional<std::string_view> client_version;
  std::optional<std::string_view> radio;
  std::optional<std::int64_t> battery_mv;
  std::optional<std::int64_t> uptime_secs;
  std::optional<std::int64_t> tx_air_secs;
  std::optional<std::int64_t> rx_air_secs;
  std::optional<std::int64_t> recv_errors;
  std::optional<std::int64_t> packets_sent;
  std::optional<std::int64_t> packets_recv;
  std::optional<double> noise_floor;  ///< dBm, finite
  std::optional<bool> can_relay;      ///< top-level `repeat`

  /// True when the record brought anything that observer_metrics has a column for (deviation D13:
  /// an all-NULL sample writes no row).
  [[nodiscard]] bool has_metrics() const noexcept {
    return noise_floor || tx_air_secs || rx_air_secs || recv_errors || battery_mv || packets_sent ||
           packets_recv;
  }
};

/// A text that the companion bridge received (contract 3.7). It comes without a frame, so its
/// transmission is made of the record.
struct CompanionMessage {
  bool direct = false;            ///< to its companion alone; otherwise in a channel
  std::string_view channel;       ///< `ch` and the channel's index as text; '' when direct
  std::string_view text;          ///< whole
  std::string_view sender;        ///< what stands before the text's first ": ", '' when unknown
  std::string_view decoded_json;  ///< as stored
  PacketReport reception;         ///< observer, direction and signal; the rest is empty
};

/// A packet that a phone heard, and where (contract 3.8).
struct ClientReport {
  std::string_view rx_pubkey;        ///< 2 to 64 lower-case hex digits, from the topic
  std::string_view name;             ///< `origin`, '' when the record has none
  std::string_view raw;              ///< as in PacketReport
  std::string_view timestamp;        ///< the phone's clock, unparsed
  std::optional<double> snr;         ///< dB, finite
  std::optional<std::int64_t> rssi;  ///< dBm, truncated toward zero
  double lat = 0;                    ///< degrees, within ±90
  double lon = 0;                    ///< degrees, within ±180
  std::optional<double> accuracy_m;  ///< metres, finite
};

/// What became of one MQTT record: refused with a reason, or one of the things the tables are made
/// of.
using Envelope =
    std::variant<RejectReason, PacketReport, StatusReport, CompanionMessage, ClientReport>;

}  // namespace sluice
