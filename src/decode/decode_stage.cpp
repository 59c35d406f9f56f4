#include "decode/decode_stage.h"

#include "decode/client_reception.h"
#include "decode/timestamp_parse.h"
#include "journal/journal.h"
#include "packet/frame.h"
#include "packet/path_json.h"

namespace sluice {

static_assert(kJsonPadding <= kJournalPadding, "payloads are parsed where they lie in the journal");

DecodeStage::DecodeStage(HandleQueue<Batch>& in, HandleQueue<Batch>& out,
                         std::shared_ptr<const DecodeRules> rules)
    : in_(in), out_(out), rules_(std::move(rules)), parser_(rules_->envelope) {}

std::size_t DecodeStage::poll() {
  if (done_) return 0;
  if (unsent_ && !out_.try_push(unsent_)) return 0;
  unsent_ = in_.try_pop();
  if (!unsent_) {
    if (in_.drained()) {
      out_.close();
      done_ = true;
    }
    return 0;
  }
  decode(*unsent_);
  const std::size_t moved = unsent_->size();
  static_cast<void>(out_.try_push(unsent_));  // full: it stays in unsent_ and goes first next time
  return moved;
}

void DecodeStage::decode(Batch& batch) {
  const SourceRules& source = rules_->sources[batch.source()];
  batch.packets.reserve(batch.size());
  for (Entry& entry : batch.entries) {
    const Envelope envelope = parser_.parse(source, entry.topic, entry.payload, batch.arena);
    RejectReason reason = RejectReason::kNone;
    if (const auto* refused = std::get_if<RejectReason>(&envelope)) {
      reason = *refused;
    } else if (const auto* packet = std::get_if<PacketReport>(&envelope)) {
      reason = add_packet(batch, entry, *packet);
    } else if (const auto* status = std::get_if<StatusReport>(&envelope)) {
      entry.kind = Entry::Kind::kStatus;
      entry.index = static_cast<std::uint32_t>(batch.statuses.size());
      batch.statuses.push_back(*status);
    } else if (const auto* message = std::get_if<CompanionMessage>(&envelope)) {
      add_to_packets(batch, entry,
                     make_companion_packet(*message, entry.received, companion_hasher_));
    } else {
      reason = add_client_reception(batch, entry, std::get<ClientReport>(envelope));
    }
    if (reason != RejectReason::kNone) batch.reject(entry, reason);
  }
}

RejectReason DecodeStage::refuse_frame(Batch& batch, Entry& entry, std::string_view raw,
                                       RejectReason reason) {
  entry.index = static_cast<std::uint32_t>(batch.refused_frames.size());
  batch.refused_frames.push_back(raw);
  return reason;
}

void DecodeStage::add_to_packets(Batch& batch, Entry& entry, Packet packet) {
  entry.kind = Entry::Kind::kPacket;
  entry.index = static_cast<std::uint32_t>(batch.packets.size());
  batch.packets.push_back(std::move(packet));
}

RejectReason DecodeStage::add_client_reception(Batch& batch, Entry& entry,
                                               const ClientReport& report) {
  ClientReception reception;
  reception.report = report;
  reception.heard = resolve_timestamp(report.timestamp, entry.received);
  reception.clock_fault =
      clock_fault(report.timestamp, parse_timestamp(report.timestamp), entry.received);
  const RejectReason reason = find_heard(reception, batch.arena);
  if (reason != RejectReason::kNone) return refuse_frame(batch, entry, report.raw, reason);
  entry.kind = Entry::Kind::kClientReception;
  entry.index = static_cast<std::uint32_t>(batch.client_receptions.size());
  batch.client_receptions.push_back(reception);
  return RejectReason::kNone;
}

RejectReason DecodeStage::add_packet(Batch& batch, Entry& entry, const PacketReport& report) {
  const FrameResult parsed = parse_frame_text(report.raw, batch.arena);
  if (!parsed.ok()) return refuse_frame(batch, entry, report.raw, parsed.error);
  const Frame& frame = parsed.frame;
  const std::uint64_t hash = hasher_.hash(frame);
  // A tx record may carry the last received frame instead of the one that was sent (deviation tx).
  if (report.claimed_hash && *report.claimed_hash != hash) return RejectReason::kStaleRaw;

  Packet packet;
  packet.report = report;
  packet.frame = frame.bytes;
  packet.content_hash = hash;
  packet.path_json = path_json(frame, batch.arena);
  packet.scope_name = rules_->regions->match(frame);
  packet.transport_codes = frame.transport_codes;
  const auto timestamp = parse_timestamp(report.timestamp);
  if (timestamp) packet.naive_clock_skew = naive_clock_skew(*timestamp, entry.received);
  packet.clock_fault = clock_fault(report.timestamp, timestamp, entry.received);
  packet.route_type = static_cast<std::uint8_t>(frame.route);
  packet.payload_type = static_cast<std::uint8_t>(frame.type);
  packet.payload_version = frame.version;
  add_to_packets(batch, entry, std::move(packet));
  return RejectReason::kNone;
}

}  // namespace sluice
