#include "message_template.h"

#include <algorithm>
#include <cctype>
#include <variant>

#include "packet/crypto/channel_keys.h"
#include "packet/path_json.h"

namespace sluice {
namespace {

/// With fewer there are too few ways to be new.
constexpr std::size_t kMinPayloadBytes = 4;
constexpr std::string_view kTimePattern = "0000-00-00T00:00:00";

/// Where `"text"` stands, if it does so exactly once: the place of its first character.
std::optional<std::size_t> find_quoted(std::string_view payload, std::string_view text) {
  const std::string quoted = '"' + std::string(text) + '"';
  const std::size_t at = payload.find(quoted);
  if (at == std::string_view::npos || payload.find(quoted, at + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return at + 1;
}

bool has_lower_case(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'f'; });
}

bool is_time_text(std::string_view text) noexcept {
  if (text.size() < kTimePattern.size()) return false;
  for (std::size_t i = 0; i < kTimePattern.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kTimePattern[i] == '0' ? !digit : text[i] != kTimePattern[i]) return false;
  }
  return true;
}

}  // namespace

std::uint64_t path_hash_of(std::string_view path_json) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char c : path_json) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

TemplateMaker::TemplateMaker()
    : parser_(rules_),
      decoder_(std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{}), true) {}

std::optional<MessageTemplate> TemplateMaker::make(const CaptureRecord& record,
                                                   std::string& observer_id) {
  padded_.assign(record.payload);
  padded_.append(kJsonPadding, ' ');
  Arena arena;
  const std::string_view payload(padded_.data(), record.payload.size());
  const Envelope envelope = parser_.parse(source_, record.topic, payload, arena);

  MessageTemplate message;
  message.topic = record.topic;
  message.payload = record.payload;
  message.qos = record.qos;
  if (const auto* status = std::get_if<StatusReport>(&envelope)) {
    observer_id = status->observer_id;
  } else if (const auto* packet = std::get_if<PacketReport>(&envelope)) {
    observer_id = packet->observer_id;
    if (!add_packet(*packet, message)) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (observer_id.empty()) return std::nullopt;
  return message;
}

bool TemplateMaker::add_packet(const PacketReport& report, MessageTemplate& message) {
  const auto raw_at = find_quoted(message.payload, report.raw);
  if (!raw_at) return false;
  Arena arena;
  const FrameResult parsed = parse_frame_text(report.raw, arena);
  if (!parsed.ok()) return false;
  const Frame& frame = parsed.frame;
  if (frame.payload.size() < kMinPayloadBytes) return false;
  if (decoder_.decode(frame).verdict != RejectReason::kNone) return false;
  message.content_hash = hasher_.hash(frame);
  if (report.claimed_hash && *report.claimed_hash != message.content_hash) return false;

  message.is_packet = true;
  message.frame.assign(frame.bytes.begin(), frame.bytes.end());
  message.path_json = path_json(frame, arena);
  message.path_hash = path_hash_of(message.path_json);
  message.raw_at = *raw_at;
  message.lower_case = has_lower_case(report.raw);
  char digits[16];
  content_hash_text(message.content_hash, digits);
  std::string hash(digits, sizeof digits);
  message.hash_at = find_quoted(message.payload, hash);
  message.hash_lower_case = message.hash_at.has_value();
  if (!message.hash_at) {
    for (char& c : hash) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    message.hash_at = find_quoted(message.payload, hash);
  }
  if (is_time_text(report.timestamp)) {
    message.timestamp_at = find_quoted(message.payload, report.timestamp);
  }
  return true;
}

}  // namespace sluice
