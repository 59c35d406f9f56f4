#include "decode/packet_record.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/hex.h"
#include "base/text.h"
#include "decode/number_rule.h"

namespace sluice {
namespace {

enum class Key : std::uint8_t {
  kRaw,
  kOrigin,
  kRegion,
  kTimestamp,
  kDirection,
  kDirectionCapital,
  kSnrUpper,
  kSnrLower,
  kRssiUpper,
  kRssiLower,
  kScore,
  kScoreCapital,
  kLen,
  kHash,
  kCount
};

using Fields = JsonFields<Key>;

/// kCount for a key that no rule asks for. Keys are told apart by length first: most of a record's
/// keys are none of ours.
Key key_of(std::string_view name) noexcept {
  switch (name.size()) {
    case 3:
      if (name == "raw") return Key::kRaw;
      if (name == "SNR") return Key::kSnrUpper;
      if (name == "snr") return Key::kSnrLower;
      if (name == "len") return Key::kLen;
      break;
    case 4:
      if (name == "RSSI") return Key::kRssiUpper;
      if (name == "rssi") return Key::kRssiLower;
      if (name == "hash") return Key::kHash;
      break;
    case 5:
      if (name == "score") return Key::kScore;
      if (name == "Score") return Key::kScoreCapital;
      break;
    case 6:
      if (name == "origin") return Key::kOrigin;
      if (name == "region") return Key::kRegion;
      break;
    case 9:
      if (name == "timestamp") return Key::kTimestamp;
      if (name == "direction") return Key::kDirection;
      if (name == "Direction") return Key::kDirectionCapital;
      break;
    default:
      break;
  }
  return Key::kCount;
}

Fields collect(const JsonObject& record) noexcept {
  Fields fields;
  for (const auto& field : record) {
    if (const Key key = key_of(field.key); key != Key::kCount) fields.put(key, field.value);
  }
  return fields;
}

std::optional<double> number(const JsonValue* value) {
  return value != nullptr ? number_of(*value) : std::nullopt;
}

/// Whether there is nothing to strip. A minimum over all bytes, and no early end, because that is
/// what the compiler makes vector code of.
bool is_plain(std::string_view text) noexcept {
  unsigned char lowest = 0xFF;
  for (const char c : text) lowest = std::min(lowest, static_cast<unsigned char>(c));
  return lowest > ' ';
}

/// A copy without spaces, LF and CR (deviation D10).
std::string_view copy_hex(std::string_view text, Arena& arena) {
  if (is_plain(text)) return arena.copy(text);
  char* const start = arena.allocate(text.size());
  char* end = start;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r') *end++ = c;
  }
  const auto size = static_cast<std::size_t>(end - start);
  arena.give_back(text.size() - size);
  return {start, size};
}

/// The frame's length in bytes as `len` claims it, digits or a number; nothing when it claims none.
std::optional<double> claimed_length(const Fields& fields) {
  const JsonValue* value = fields.find(Key::kLen);
  if (value == nullptr) return std::nullopt;
  if (const auto text = text_of(*value)) {
    const std::string_view digits = trim_space(*text);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return parse_go_float(digits);
  }
  return number_of(*value);
}

/// The content hash as `hash` claims it; sixteen zeros are what a bridge writes that could not
/// compute it (protocol D2).
std::optional<std::uint64_t> claimed_hash(const Fields& fields) {
  constexpr std::size_t kDigits = 16;
  const auto text = fields.text(Key::kHash);
  if (!text || text->size() != kDigits) return std::nullopt;
  std::uint64_t hash = 0;
  for (const char c : *text) {
    const int digit = hex_digit_value(c);
    if (digit < 0) return std::nullopt;
    hash = hash << 4 | static_cast<std::uint64_t>(digit);
  }
  return hash != 0 ? std::optional(hash) : std::nullopt;
}

std::string_view region_of(const Fields& fields, const Topic& topic, std::string_view source_region,
                           Arena& arena) {
  const auto own = fields.text(Key::kRegion);
  if (own && !own->empty()) return arena.copy(*own);
  return !topic.region().empty() ? topic.region() : arena.copy(source_region);
}

std::optional<std::string_view> direction_of(const Fields& fields, Arena& arena) {
  auto text = fields.text(Key::kDirection);
  if (!text) text = fields.text(Key::kDirectionCapital);
  return text ? std::optional(arena.copy(*text)) : std::nullopt;
}

void read_signal_fields(const Fields& fields, Arena& arena, PacketReport& report) {
  report.direction = direction_of(fields, arena);
  report.snr = number(fields.find(Key::kSnrUpper, Key::kSnrLower));
  report.rssi = number(fields.find(Key::kRssiUpper, Key::kRssiLower));
  if (const auto score = number(fields.find(Key::kScore, Key::kScoreCapital))) {
    report.score = round_to_integer(*score);
  }
}

}  // namespace

PacketReport read_signal(const JsonObject& record, Arena& arena) {
  PacketReport report;
  read_signal_fields(collect(record), arena, report);
  return report;
}

Envelope read_packet(const JsonObject& record, const Topic& topic, std::string_view source_region,
                     Arena& arena) {
  const Fields fields = collect(record);
  const auto raw = fields.text(Key::kRaw);
  if (!raw || raw->empty()) return RejectReason::kNoPacket;
  PacketReport report;
  report.observer_id = topic.observer();
  report.region = region_of(fields, topic, source_region, arena);
  report.origin = arena.copy(fields.text(Key::kOrigin).value_or(""));
  report.raw = copy_hex(*raw, arena);
  report.timestamp = arena.copy(fields.text(Key::kTimestamp).value_or(""));
  read_signal_fields(fields, arena, report);
  if (report.direction && equal_ignoring_case(*report.direction, "tx")) {
    // Two digits per byte; an odd number of them contradicts any length.
    const auto length = claimed_length(fields);
    if (length && *length * 2 != static_cast<double>(report.raw.size())) {
      return RejectReason::kStaleRaw;
    }
    report.claimed_hash = claimed_hash(fields);
  }
  return report;
}

}  // namespace sluice
