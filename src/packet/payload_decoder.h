#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/reject_reason.h"
#include "packet/crypto/channel_keys.h"
#include "packet/crypto/channel_opener.h"
#include "packet/frame.h"
#include "packet/payload/advert.h"

namespace sluice {

/// What is true of every copy of a transmission: it follows from content and configuration alone,
/// so it is found out once.
///
/// Thread: immutable once built.
struct TransmissionFacts {
  std::string decoded_json;                 ///< as stored: valid JSON, valid UTF-8 (protocol E)
  std::optional<std::string> channel_hash;  ///< GRP_TXT only (protocol E5)
  std::optional<std::string> from_pubkey;   ///< adverts only, lower-case hex
  /// kNone, kAdvertCorrupted or kAdvertBadSignature, in this order of precedence.
  RejectReason verdict = RejectReason::kNone;
  std::string verdict_detail;         ///< the reason in the words of the log; '' when accepted
  std::optional<AdvertFacts> advert;  ///< adverts of at least 100 bytes, refused ones too
  bool foreign = false;  ///< an advert from outside the geo filter (contract 3.9); set behind dedup
  std::string anomaly;   ///< a remark for the log that is stored nowhere; usually ''
};

/// Reads payloads: opens, verifies, judges and writes decoded_json. Anything from the air is
/// acceptable input.
///
/// Thread: bound to its user; the ring may be shared.
class PayloadDecoder {
 public:
  PayloadDecoder(std::shared_ptr<const ChannelKeyRing> ring, bool validate_signatures);

  /// `frame` comes from parse_frame() without an error.
  [[nodiscard]] TransmissionFacts decode(const Frame& frame);

  [[nodiscard]] std::uint64_t payload_decodes() const noexcept { return payload_decodes_; }
  [[nodiscard]] std::uint64_t signature_checks() const noexcept { return signature_checks_; }

 private:
  void write_payload(const Frame& frame, JsonWriter& json, TransmissionFacts& facts);
  void judge_advert(const Frame& frame, JsonWriter& json, TransmissionFacts& facts);

  ChannelOpener opener_;
  bool validate_signatures_;
  std::uint64_t payload_decodes_ = 0;
  std::uint64_t signature_checks_ = 0;
};

}  // namespace sluice
