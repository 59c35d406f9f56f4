#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// Why a message that was received and understood to be ours to judge leaves no row of its own. The
/// input's fault is a value, never an exception; the name is the label of the metric and of the
/// ledger's line.
///
/// Order is free: these are never stored as numbers.
enum class RejectReason : std::uint8_t {
  kNone = 0,

  // envelope: the MQTT record
  kMalformedJson,           ///< not exactly one JSON object (contract 3.2)
  kBadTopic,                ///< not UTF-8, or with a NUL: MQTT forbids such topics
  kIgnoredTopic,            ///< `meshcore/status`, `meshcore/events/connection` (contract 3.3, 4)
  kObserverBlacklisted,     ///< observerBlacklist (3.3, 5)
  kIataNotWhitelisted,      ///< observerIATAWhitelist (3.3, 6)
  kIataFiltered,            ///< the source's iataFilter (3.3, 8)
  kNoPacket,                ///< no non-empty `raw`, and no topic that does without (3.3, 11)
  kClientCoverageDisabled,  ///< `meshcore/client/…` while the feature is off (deviation D9)
  kClientBadKey,            ///< a phone's key in the topic that is none (3.8)
  kClientNotReceived,       ///< a phone's record whose direction is not rx (3.8)
  kClientNoPosition,        ///< a phone's record without a place on Earth (3.8)
  kNestedTooDeep,  ///< a value that would be stored as it is, too deep for JSON parsers to come
  kStaleRaw,       ///< a tx record whose `len` or `hash` contradicts its `raw` (deviation tx)
  kObserverRateLimited,  ///< over sluice.limits.observerMessagesPerMinute
  kTooManyObservers,     ///< over sluice.limits.newObserversPerHour

  // frame: the bytes on air (protocol E1)
  kBadHex,
  kFrameTooShort,
  kFrameBadPathEncoding,
  kFramePathOverrun,
  kFramePayloadTooLong,

  kClientNothingHeard,  ///< a phone's frame that does not tell who sent it (3.8)

  // payload: what a transmission is judged by
  kAdvertCorrupted,     ///< protocol E6, acceptance
  kAdvertBadSignature,  ///< recorded in dropped_packets, one row per copy
  kGeoFiltered,         ///< outside the geo filter in mode drop (contract 3.9)
  kTooManyNodes,        ///< over sluice.limits.newNodesPerHour

  // store
  kRetainedUnknownObserver,  ///< a retained status whose observer has no row yet (deviation D21)
  kDbRejected,               ///< a row that the database can never take

  kCount
};

inline constexpr std::size_t kRejectReasonCount = static_cast<std::size_t>(RejectReason::kCount);

/// The metric label, such as `malformed_json`. "none" for kNone.
[[nodiscard]] std::string_view to_string(RejectReason reason) noexcept;

/// Why a message never reached the journal.
enum class DropReason : std::uint8_t {
  kJournalFull = 0,  ///< a lossy source met a full journal: the newest message gives way
  kOversized,        ///< larger than maxRecordBytes: refused uncopied
  kBadCaptureLine,   ///< a line of a capture file that is not a capture record
  kRedelivered,      ///< QoS 1: the broker sent it again, and it has its place already (nothing is
                     ///< lost)
  kCount
};

inline constexpr std::size_t kDropReasonCount = static_cast<std::size_t>(DropReason::kCount);

[[nodiscard]] std::string_view to_string(DropReason reason) noexcept;

}  // namespace sluice
