#include "decode/companion_record.h"

#include <optional>
#include <string>

#include "decode/go_value_text.h"
#include "decode/packet_record.h"
#include "packet/json_text.h"

namespace sluice {
namespace {

enum class Key : std::uint8_t { kText, kChannelIndex, kSenderTimestamp, kCount };
using Fields = JsonFields<Key>;

Fields collect(const JsonObject& record) noexcept {
  Fields fields;
  for (const auto& field : record) {
    if (field.key == "text") fields.put(Key::kText, field.value);
    if (field.key == "channel_idx") fields.put(Key::kChannelIndex, field.value);
    if (field.key == "sender_timestamp") fields.put(Key::kSenderTimestamp, field.value);
  }
  return fields;
}

/// What stands before the first ": ", if that is 1 to 49 bytes.
std::string_view sender_of(std::string_view text) noexcept {
  constexpr std::size_t kMostBytes = 49;
  const std::size_t end = text.find(": ");
  return end != std::string_view::npos && end <= kMostBytes ? text.substr(0, end)
                                                            : std::string_view();
}

std::string channel_name(const Fields& fields, const Topic& topic) {
  std::string name = "ch";
  if (const JsonValue* index = fields.find(Key::kChannelIndex)) {
    append_go_text(name, *index);
  } else {
    name += topic.fourth();
  }
  return name;
}

/// A time has no levels. It is stored as received all the same, and what reads decoded_json gives
/// up at some depth: SQLite's json_valid() at 1000.
constexpr std::size_t kMostLevels = 64;

/// Keys in the order of the alphabet; nothing when sender_timestamp can't be stored.
std::optional<std::string> decoded_json(const CompanionMessage& message,
                                        const JsonValue* sender_timestamp) {
  std::string json;
  JsonWriter writer(json);
  const auto add_text = [&](std::string_view key, std::string_view value) {
    std::string quoted;  // unlike the writer's text(), an empty one stays
    append_json_string(quoted, value);
    writer.raw(key, quoted);
  };
  if (!message.direct) add_text("channel", message.channel);
  add_text("sender", message.sender);
  if (sender_timestamp != nullptr) {
    std::string value;
    if (!append_go_json(value, *sender_timestamp, kMostLevels)) return std::nullopt;
    writer.raw("sender_timestamp", value);
  }
  add_text("text", message.text);
  add_text("type", message.direct ? "DM" : "CHAN");
  writer.finish();
  return json;
}

}  // namespace

Envelope read_companion(const JsonObject& record, const Topic& topic, Arena& arena) {
  const Fields fields = collect(record);
  const auto text = fields.text(Key::kText);
  if (!text || text->empty()) return RejectReason::kNoPacket;
  CompanionMessage message;
  message.direct = topic.is_companion_direct_text();
  if (!message.direct) message.channel = arena.copy(channel_name(fields, topic));
  message.text = arena.copy(*text);
  message.sender = sender_of(message.text);
  const auto json = decoded_json(message, fields.find(Key::kSenderTimestamp));
  if (!json) return RejectReason::kNestedTooDeep;
  message.decoded_json = arena.copy(*json);
  message.reception = read_signal(record, arena);
  message.reception.observer_id = "companion";
  return message;
}

}  // namespace sluice
