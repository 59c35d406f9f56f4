#include "packet/payload_decoder.h"

#include <utility>

#include "packet/payload/group.h"
#include "packet/payload/payload_json.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

std::string trace_anomaly(const Frame& frame) {
  const auto trace = parse_trace(frame.payload);
  if (!trace) return "TRACE payload decode failed: too short";
  if (is_flood(frame.route) && !trace->route.empty())
    return "TRACE packet with non-DIRECT routing (expected DIRECT or TRANSPORT_DIRECT)";
  return {};
}

}  // namespace

PayloadDecoder::PayloadDecoder(std::shared_ptr<const ChannelKeyRing> ring, bool validate_signatures)
    : opener_(std::move(ring)), validate_signatures_(validate_signatures) {}

TransmissionFacts PayloadDecoder::decode(const Frame& frame) {
  constexpr std::size_t kUsualJsonBytes = 640;
  ++payload_decodes_;
  TransmissionFacts facts;
  facts.decoded_json.reserve(kUsualJsonBytes);
  JsonWriter json(facts.decoded_json);
  write_payload(frame, json, facts);
  json.finish();
  facts.decoded_json.shrink_to_fit();
  return facts;
}

void PayloadDecoder::write_payload(const Frame& frame, JsonWriter& json, TransmissionFacts& facts) {
  switch (frame.type) {
    case PayloadType::kRequest:
    case PayloadType::kResponse:
    case PayloadType::kTextMessage:
    case PayloadType::kPath:
      return write_sealed_envelope(frame, json);
    case PayloadType::kAck:
      return write_ack(frame, json);
    case PayloadType::kAdvert:
      return judge_advert(frame, json, facts);
    case PayloadType::kGroupText:
      facts.channel_hash = write_group_text(frame, opener_, json);
      return;
    case PayloadType::kGroupData:
      return write_group_data(frame, opener_, json);
    case PayloadType::kAnonRequest:
      return write_anon_request(frame, json);
    case PayloadType::kTrace:
      facts.anomaly = trace_anomaly(frame);
      return write_trace(frame, json);
    case PayloadType::kMultipart:
      return write_multipart(frame, json);
    case PayloadType::kControl:
      return write_control(frame, json);
    case PayloadType::kRawCustom:
      return write_raw_custom(frame, json);
    case PayloadType::kReserved12:
    case PayloadType::kReserved13:
    case PayloadType::kReserved14:
      return write_reserved(frame, json);
  }
}

void PayloadDecoder::judge_advert(const Frame& frame, JsonWriter& json, TransmissionFacts& facts) {
  const auto advert = parse_advert(frame.payload);
  // Too short to name a key: stored as an ordinary packet.
  if (!advert) return write_short_payload("ADVERT", frame.payload, "too short for advert", json);
  std::optional<bool> signature_valid;
  if (validate_signatures_) {
    ++signature_checks_;
    signature_valid = has_valid_signature(*advert);
  }
  write_advert(*advert, signature_valid, json);
  facts.advert = advert_facts(*advert);
  facts.from_pubkey = facts.advert->pubkey;
  facts.verdict_detail = advert_fault(*advert);
  if (!facts.verdict_detail.empty()) {
    facts.verdict = RejectReason::kAdvertCorrupted;
  } else if (signature_valid == false) {
    facts.verdict = RejectReason::kAdvertBadSignature;
    facts.verdict_detail = "invalid signature";
  }
}

}  // namespace sluice
