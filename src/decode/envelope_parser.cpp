#include "decode/envelope_parser.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "decode/client_record.h"
#include "decode/companion_record.h"
#include "decode/json_reader.h"
#include "decode/packet_record.h"
#include "decode/status_record.h"
#include "decode/topic.h"

namespace sluice {
namespace {

bool is_blacklisted(const EnvelopeRules& rules, std::string_view observer) noexcept {
  if (rules.observer_blacklist.empty()) return false;
  const std::string_view id = trim_space(observer);
  return std::any_of(rules.observer_blacklist.begin(), rules.observer_blacklist.end(),
                     [&](const std::string& entry) {
                       return !entry.empty() && equal_when_lower_cased(entry, id);
                     });
}

bool is_iata_allowed(const EnvelopeRules& rules, std::string_view region) noexcept {
  if (rules.iata_whitelist.empty()) return true;
  const std::string_view code = trim_space(region);
  return std::any_of(rules.iata_whitelist.begin(), rules.iata_whitelist.end(),
                     [&](const std::string& entry) {
                       return !entry.empty() && equal_when_upper_cased(entry, code);
                     });
}

bool passes_source_filter(const SourceRules& source, const Topic& topic) noexcept {
  if (source.iata_filter.empty() || !topic.has_region()) return true;
  return std::find(source.iata_filter.begin(), source.iata_filter.end(), topic.region()) !=
         source.iata_filter.end();
}

/// Steps 3 to 6 of contract 3.3: what a topic alone decides, for packets and status alike. kNone
/// when the record passes.
RejectReason judge_topic(const EnvelopeRules& rules, const Topic& topic) noexcept {
  if (!rules.client_coverage_enabled && (topic.is_client_reception() || topic.is_below_client())) {
    return RejectReason::kClientCoverageDisabled;
  }
  const bool blacklisted = topic.has_observer() && is_blacklisted(rules, topic.observer());
  if (topic.is_client_reception()) {
    return blacklisted ? RejectReason::kObserverBlacklisted : RejectReason::kNone;
  }
  if (topic.is_bridge_state()) return RejectReason::kIgnoredTopic;
  if (blacklisted) return RejectReason::kObserverBlacklisted;
  if (topic.has_region() && !is_iata_allowed(rules, topic.region())) {
    return RejectReason::kIataNotWhitelisted;
  }
  return RejectReason::kNone;
}

Envelope dispatch(const EnvelopeRules& rules, const SourceRules& source, const Topic& topic,
                  const JsonObject& record, Arena& arena) {
  const RejectReason reason = judge_topic(rules, topic);
  if (reason != RejectReason::kNone) return reason;
  if (topic.is_client_reception()) return read_client_report(record, topic, arena);
  if (topic.is_status()) return read_status(record, topic, arena);
  if (!passes_source_filter(source, topic)) return RejectReason::kIataFiltered;
  Envelope packet = read_packet(record, topic, source.region, arena);
  const auto* refused = std::get_if<RejectReason>(&packet);
  if (refused != nullptr && *refused == RejectReason::kNoPacket && topic.is_companion_text()) {
    return read_companion(record, topic, arena);
  }
  return packet;
}

}  // namespace

struct EnvelopeParser::Json {
  JsonReader reader;
};

EnvelopeParser::EnvelopeParser(const EnvelopeRules& rules)
    : rules_(rules), json_(std::make_unique<Json>()) {}

EnvelopeParser::~EnvelopeParser() = default;

Envelope EnvelopeParser::parse(const SourceRules& source, std::string_view topic,
                               std::string_view payload, Arena& arena) {
  // Brokers and their library see to it; capture files don't. What it names becomes a row's key.
  if (topic.find('\0') != std::string_view::npos || !is_valid_utf8(topic))
    return RejectReason::kBadTopic;
  JsonReader& reader = json_->reader;
  const auto record = reader.read(payload);
  Envelope envelope = record ? dispatch(rules_, source, Topic(topic), *record, arena)
                             : Envelope(RejectReason::kMalformedJson);
  reader.shrink();
  return envelope;
}

std::size_t EnvelopeParser::capacity_bytes() const noexcept {
  return json_->reader.capacity_bytes();
}

}  // namespace sluice
