#include "decode/client_record.h"

#include <optional>

#include "base/hex.h"
#include "base/text.h"
#include "decode/number_rule.h"
#include "decode/packet_record.h"

namespace sluice {
namespace {

constexpr std::size_t kLeastKeyDigits = 2;
constexpr std::size_t kMostKeyDigits = 64;

/// Trimmed and in lower case; empty when the text is no key.
std::string_view client_key(std::string_view text, Arena& arena) {
  text = trim_space(text);
  if (text.size() < kLeastKeyDigits || text.size() > kMostKeyDigits) return {};
  char* const key = arena.allocate(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = hex_digit_value(text[i]);
    if (digit < 0) return {};
    key[i] = kLowerHexDigits[digit];
  }
  return {key, text.size()};
}

enum class Key : std::uint8_t { kLat, kLon, kAccuracy, kCount };
using Fields = JsonFields<Key>;

std::optional<double> number(const Fields& fields, Key key) {
  const JsonValue* value = fields.find(key);
  return value != nullptr ? number_of(*value) : std::nullopt;
}

/// False when the record names no place on Earth.
bool read_position(const JsonObject& record, ClientReport& report) {
  JsonValue gps;
  bool found = false;
  for (const auto& field : record) {
    if (field.key == "gps") {
      gps = field.value;
      found = true;
    }
  }
  JsonObject place;
  if (!found || gps.get_object().get(place) != simdjson::SUCCESS) return false;
  Fields fields;
  for (const auto& field : place) {
    if (field.key == "lat") fields.put(Key::kLat, field.value);
    if (field.key == "lon") fields.put(Key::kLon, field.value);
    if (field.key == "acc_m") fields.put(Key::kAccuracy, field.value);
  }
  const auto lat = number(fields, Key::kLat);
  const auto lon = number(fields, Key::kLon);
  if (!lat || !lon || *lat < -90 || *lat > 90 || *lon < -180 || *lon > 180) return false;
  report.lat = *lat;
  report.lon = *lon;
  report.accuracy_m = number(fields, Key::kAccuracy);
  return true;
}

}  // namespace

Envelope read_client_report(const JsonObject& record, const Topic& topic, Arena& arena) {
  ClientReport report;
  report.rx_pubkey = client_key(topic.observer(), arena);
  if (report.rx_pubkey.empty()) return RejectReason::kClientBadKey;
  const Envelope packet = read_packet(record, topic, {}, arena);
  if (const auto* refused = std::get_if<RejectReason>(&packet)) return *refused;
  const auto& heard = std::get<PacketReport>(packet);
  if (!heard.direction || !equal_ignoring_case(*heard.direction, "rx")) {
    return RejectReason::kClientNotReceived;
  }
  if (!read_position(record, report)) return RejectReason::kClientNoPosition;
  report.name = heard.origin;
  report.raw = heard.raw;
  report.timestamp = heard.timestamp;
  report.snr = heard.snr;
  if (heard.rssi) report.rssi = truncate_to_integer(*heard.rssi);
  return report;
}

}  // namespace sluice
