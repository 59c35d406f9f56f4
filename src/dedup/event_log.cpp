#include "dedup/event_log.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "packet/content_hash.h"
#include "packet/frame.h"
#include "packet/payload_decoder.h"

namespace sluice {
namespace {

constexpr std::size_t kShortId = 8;    // characters of an observer's id
constexpr std::size_t kShortKey = 16;  // digits of a node's key

/// The level of a topic, from 0; '' when it has fewer.
std::string_view level_of(std::string_view topic, std::size_t level) {
  for (; level > 0; --level) {
    const std::size_t slash = topic.find('/');
    if (slash == std::string_view::npos) return {};
    topic.remove_prefix(slash + 1);
  }
  return topic.substr(0, topic.find('/'));
}

bool is_of_a_phone(std::string_view topic) {
  return level_of(topic, 1) == "client" && level_of(topic, 3) == "packets";
}

std::string short_id(std::string_view topic) {
  return printable(level_of(topic, 2).substr(0, kShortId));
}

/// The topic with its observer cut like the id beside it.
std::string short_topic(std::string_view topic) {
  const std::string_view id = level_of(topic, 2);
  if (id.size() <= kShortId) return printable(topic);
  const auto start = static_cast<std::size_t>(id.data() - topic.data());
  std::string text(topic.substr(0, start + kShortId));
  text += topic.substr(start + id.size());
  return printable(text);
}

std::string name_or_id(std::string_view name, std::string_view id) {
  return printable(name.empty() ? id : name);
}

std::string_view content_hash_digits(std::uint64_t hash, std::array<char, 16>& digits) {
  content_hash_text(hash, digits.data());
  return {digits.data(), digits.size()};
}

template <std::size_t... I>
std::array<LogThrottle, sizeof...(I)> make_throttles(std::index_sequence<I...> /*indices*/) {
  return {((void)I, LogThrottle(EventLog::kLinesPerSecond))...};
}

template <std::size_t... I>
std::array<LogCollapse, sizeof...(I)> make_collapses(std::index_sequence<I...> /*indices*/) {
  return {((void)I, LogCollapse(EventLog::kSameComplaint))...};
}

}  // namespace

EventLog::EventLog(std::vector<std::string> tags, const Clock& clock)
    : tags_(std::move(tags)),
      clock_(clock),
      throttles_(make_throttles(std::make_index_sequence<kKinds>())),
      complaints_(make_collapses(std::make_index_sequence<kKinds>())) {}

void EventLog::note(const Batch& batch) {
  now_ = clock_.mono();
  const std::string_view tag = tags_[batch.source()];
  for (const Entry& entry : batch.entries) {
    switch (entry.kind) {
      case Entry::Kind::kRejected:
        note_rejected(tag, batch, entry);
        break;
      case Entry::Kind::kStatus:
        note_status(tag, batch.statuses[entry.index]);
        break;
      case Entry::Kind::kPacket:
        note_clock(tag, batch.packets[entry.index].clock_fault,
                   batch.packets[entry.index].report.timestamp);
        note_packet(tag, batch.packets[entry.index]);
        break;
      case Entry::Kind::kClientReception: {
        const ClientReception& reception = batch.client_receptions[entry.index];
        note_clock(tag, reception.clock_fault, reception.report.timestamp);
        break;
      }
      case Entry::Kind::kUndecoded:
        break;
    }
  }
}

bool EventLog::admit(Kind kind) {
  LogThrottle& throttle = throttles_[static_cast<std::size_t>(kind)];
  if (throttle.next_deadline() <= now_) tell_suppressed(now_);
  return throttle.admit(now_);
}

void EventLog::complain(Kind kind, const std::string& line) {
  for (const std::string& told : complaints_[static_cast<std::size_t>(kind)].note(line, now_)) {
    log_info("{}", told);
  }
}

void EventLog::tell_suppressed(MonoTime now) {
  static constexpr std::array<std::string_view, kKinds> kNames = {
      "status",         "companion messages", "blacklisted",
      "decode error",   "corrupted ADVERT",   "invalid signature",
      "foreign advert", "timestamp",          "client: invalid pubkey"};
  for (std::size_t i = 0; i < kKinds; ++i) {
    const std::uint64_t count = throttles_[i].take_suppressed(now);
    if (count > 0) log_info("MQTT {}: … and {} more", kNames[i], count);
    for (const std::string& told : complaints_[i].take_due(clock_.mono())) log_info("{}", told);
  }
}

void EventLog::finish() {
  tell_suppressed(MonoTime::max());
  for (LogCollapse& complaint : complaints_) {
    for (const std::string& told : complaint.end(clock_.mono())) log_info("{}", told);
  }
}

MonoTime EventLog::next_deadline() const noexcept {
  MonoTime next = MonoTime::max();
  for (const LogThrottle& throttle : throttles_) next = std::min(next, throttle.next_deadline());
  for (const LogCollapse& complaint : complaints_) next = std::min(next, complaint.next_deadline());
  return next;
}

void EventLog::note_rejected(std::string_view tag, const Batch& batch, const Entry& entry) {
  switch (entry.reject) {
    case RejectReason::kObserverBlacklisted:
      if (!admit(Kind::kBlacklisted)) return;
      log_info("MQTT [{}] {} {} blacklisted, dropping", tag,
               is_of_a_phone(entry.topic) ? "client" : "observer", short_id(entry.topic));
      break;
    case RejectReason::kBadHex:
    case RejectReason::kFrameTooShort:
    case RejectReason::kFrameBadPathEncoding:
    case RejectReason::kFramePathOverrun:
    case RejectReason::kFramePayloadTooLong: {
      if (!admit(Kind::kDecodeError)) return;
      const std::string_view raw = batch.refused_frames[entry.index];
      const std::string error = printable(describe_frame_error(raw));
      if (is_of_a_phone(entry.topic)) {
        complain(Kind::kDecodeError, fmt::format("MQTT [{}] client decode error: {}", tag, error));
      } else {
        complain(Kind::kDecodeError,
                 fmt::format("MQTT [{}] decode error: {} (topic={} observer={} rawHexLen={})", tag,
                             error, short_topic(entry.topic), short_id(entry.topic), raw.size()));
      }
      break;
    }
    case RejectReason::kClientBadKey:
      if (!admit(Kind::kPhonesKey)) return;
      complain(Kind::kPhonesKey,
               fmt::format("MQTT [{}] client: invalid pubkey \"{}\", dropping", tag,
                           printable(lower_cased(trim_space(level_of(entry.topic, 2))))));
      break;
    default:
      break;
  }
}

void EventLog::note_clock(std::string_view tag, ClockFault fault, std::string_view timestamp) {
  if (fault == ClockFault::kNone || !admit(Kind::kTimestamp)) return;
  complain(Kind::kTimestamp,
           fmt::format("MQTT [{}] {} timestamp \"{}\"{}, using ingest time", tag,
                       fault == ClockFault::kFuture  ? "future"
                       : fault == ClockFault::kStale ? "stale"
                                                     : "unparseable",
                       printable(timestamp), fault == ClockFault::kStale ? " (>30d old)" : ""));
}

void EventLog::note_status(std::string_view tag, const StatusReport& status) {
  if (!admit(Kind::kStatus)) return;
  log_info("MQTT [{}] status: {} ({})", tag, name_or_id(status.name, status.observer_id),
           printable(status.iata));
}

void EventLog::note_packet(std::string_view tag, const Packet& packet) {
  if (packet.links_observer_only) return note_text(tag, packet);
  const TransmissionFacts& facts = *packet.facts;
  if (facts.verdict == RejectReason::kNone && !facts.foreign) return;  // nearly always
  const PacketReport& report = packet.report;
  if (facts.verdict == RejectReason::kAdvertCorrupted) {
    if (!admit(Kind::kCorruptedAdvert)) return;
    complain(Kind::kCorruptedAdvert, fmt::format("MQTT [{}] skipping corrupted ADVERT: {}", tag,
                                                 printable(facts.verdict_detail)));
  } else if (facts.verdict == RejectReason::kAdvertBadSignature) {
    if (!admit(Kind::kBadSignature)) return;
    std::array<char, 16> digits;
    complain(
        Kind::kBadSignature,
        fmt::format("MQTT [{}] DROPPED invalid signature: hash={} name={} observer={} pubkey={}",
                    tag, content_hash_digits(packet.content_hash, digits),
                    printable(facts.advert->name), name_or_id(report.origin, report.observer_id),
                    facts.advert->pubkey.substr(0, kShortKey)));
  } else if (facts.verdict == RejectReason::kNone) {
    if (!admit(Kind::kForeignAdvert)) return;
    const AdvertFacts& advert = *facts.advert;
    log_info("MQTT [{}] foreign advert: node={} name={} lat={:.4f} lon={:.4f} observer={}", tag,
             advert.pubkey.substr(0, kShortKey), printable(advert.name), advert.lat.value_or(0),
             advert.lon.value_or(0), name_or_id(report.origin, report.observer_id));
  }
}

void EventLog::note_text(std::string_view tag, const Packet& packet) {
  if (!admit(Kind::kCompanionText)) return;
  const std::string sender = name_or_id(packet.report.origin, "unknown");
  if (const auto& channel = packet.facts->channel_hash) {
    log_info("MQTT [{}] channel message: {} from {}", tag, printable(*channel), sender);
  } else {
    log_info("MQTT [{}] direct message from {}", tag, sender);
  }
}

}  // namespace sluice
