#include "model/reject_reason.h"

namespace sluice {

std::string_view to_string(RejectReason reason) noexcept {
  switch (reason) {
    case RejectReason::kNone:
      return "none";
    case RejectReason::kMalformedJson:
      return "malformed_json";
    case RejectReason::kBadTopic:
      return "bad_topic";
    case RejectReason::kIgnoredTopic:
      return "ignored_topic";
    case RejectReason::kObserverBlacklisted:
      return "observer_blacklisted";
    case RejectReason::kIataNotWhitelisted:
      return "iata_not_whitelisted";
    case RejectReason::kIataFiltered:
      return "iata_filtered";
    case RejectReason::kNoPacket:
      return "no_packet";
    case RejectReason::kClientCoverageDisabled:
      return "client_coverage_disabled";
    case RejectReason::kClientBadKey:
      return "client_bad_key";
    case RejectReason::kClientNotReceived:
      return "client_not_received";
    case RejectReason::kClientNoPosition:
      return "client_no_position";
    case RejectReason::kClientNothingHeard:
      return "client_nothing_heard";
    case RejectReason::kNestedTooDeep:
      return "nested_too_deep";
    case RejectReason::kStaleRaw:
      return "stale_raw";
    case RejectReason::kObserverRateLimited:
      return "observer_rate_limited";
    case RejectReason::kTooManyObservers:
      return "too_many_observers";
    case RejectReason::kBadHex:
      return "bad_hex";
    case RejectReason::kFrameTooShort:
      return "frame_too_short";
    case RejectReason::kFrameBadPathEncoding:
      return "frame_bad_path_encoding";
    case RejectReason::kFramePathOverrun:
      return "frame_path_overrun";
    case RejectReason::kFramePayloadTooLong:
      return "frame_payload_too_long";
    case RejectReason::kAdvertCorrupted:
      return "advert_corrupted";
    case RejectReason::kAdvertBadSignature:
      return "advert_bad_signature";
    case RejectReason::kGeoFiltered:
      return "geo_filtered";
    case RejectReason::kRetainedUnknownObserver:
      return "retained_unknown_observer";
    case RejectReason::kTooManyNodes:
      return "too_many_nodes";
    case RejectReason::kDbRejected:
      return "db_rejected";
    case RejectReason::kCount:
      break;
  }
  return "?";
}

std::string_view to_string(DropReason reason) noexcept {
  switch (reason) {
    case DropReason::kJournalFull:
      return "journal_full";
    case DropReason::kOversized:
      return "oversized";
    case DropReason::kBadCaptureLine:
      return "bad_capture_line";
    case DropReason::kRedelivered:
      return "redelivered";
    case DropReason::kCount:
      break;
  }
  return "?";
}

}  // namespace sluice
