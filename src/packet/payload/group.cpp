// GRP_TXT and GRP_DATA (protocol B4, B5): sealed with a channel's key.
//
//   0             1        3
//   +-------------+--------+---------------------+
//   | channel(1)  | mac(2) | ciphertext (16 * n) |
//   +-------------+--------+---------------------+
//
//   channel    first byte of SHA-256 of the key: which keys may fit
//
//   text, opened   0               4        5
//                  +---------------+--------+------------------------------------+
//                  | timestamp(4)  | flags  | "sender: message", ends at 00      |
//                  +---------------+--------+------------------------------------+
//
//   data, opened   0        2        3
//                  +--------+--------+--------------+---------+
//                  | type   | length | data         | padding |
//                  +--------+--------+--------------+---------+

#include "packet/payload/group.h"

#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "packet/payload/payload_json.h"

namespace sluice {
namespace {

constexpr std::size_t kMinCipherBytes = 5;

struct GroupPayload {
  std::span<const std::uint8_t> channel;  // one byte
  std::span<const std::uint8_t> mac;      // two
  std::span<const std::uint8_t> cipher;
};

std::optional<GroupPayload> parse_group(std::span<const std::uint8_t> payload) noexcept {
  ByteReader reader(payload);
  GroupPayload group;
  group.channel = reader.bytes(1);
  group.mac = reader.bytes(2);
  if (reader.failed()) return std::nullopt;
  group.cipher = reader.rest();
  return group;
}

void write_channel(const GroupPayload& group, std::string_view status, JsonWriter& json) {
  json.count("channelHash", group.channel[0]);
  json.upper_hex("channelHashHex", group.channel);
  json.text("decryptionStatus", status);
}

void write_sealed_group(const Frame& frame, const GroupPayload& group, const ChannelKeyRing& ring,
                        JsonWriter& json) {
  const bool hopeless = ring.nothing_configured() || group.cipher.size() < kMinCipherBytes;
  json.text("type", to_string(frame.type));
  json.hex("mac", group.mac);
  json.hex("encryptedData", group.cipher);
  write_channel(group, hopeless ? "no_key" : "decryption_failed", json);
}

// Calls `read` with each key that fits and what it opened, until one makes sense of it.
template <typename Read>
bool try_keys(const GroupPayload& group, ChannelOpener& opener, Read read) {
  if (group.cipher.size() < kMinCipherBytes) return false;
  for (const ChannelKey& key : opener.ring().candidates(group.channel[0])) {
    const auto plain = opener.open(key, group.mac.first<2>(), group.cipher);
    if (plain && read(key, *plain)) return true;
  }
  return false;
}

struct GroupText {
  std::uint32_t timestamp = 0;
  std::string_view sender;
  std::string_view message;
  std::string_view whole;
};

// A two-byte MAC lets a wrong key pass now and then; what it opens does not read like text.
bool looks_like_text(std::string_view text) noexcept {
  constexpr int kToleratedOddities = 2;
  int oddities = 0;
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (!c.valid) return false;
    const bool control = c.value < 0x20 && c.value != '\n' && c.value != '\t';
    if (control || c.value == kReplacementCharacter) ++oddities;
    text.remove_prefix(c.size);
  }
  return oddities <= kToleratedOddities;
}

// The sender is a convention of the apps, and nothing vouches for it.
void split_sender(GroupText& text) noexcept {
  constexpr std::size_t kLongestSender = 49;  // bytes
  text.message = text.whole;
  const std::size_t colon = text.whole.find(": ");
  if (colon == std::string_view::npos || colon == 0 || colon > kLongestSender) return;
  const std::string_view sender = text.whole.substr(0, colon);
  if (sender.find_first_of(":[]") != std::string_view::npos) return;
  text.sender = sender;
  text.message = text.whole.substr(colon + 2);
}

std::optional<GroupText> read_group_text(std::span<const std::uint8_t> plain) noexcept {
  ByteReader reader(plain);
  GroupText text;
  text.timestamp = reader.u32();
  reader.u8();  // flags: firmware drops what is not 0, stored it is all the same
  if (reader.failed()) return std::nullopt;
  const auto rest = reader.rest();
  text.whole = {reinterpret_cast<const char*>(rest.data()), rest.size()};
  text.whole = text.whole.substr(0, text.whole.find('\0'));
  if (!looks_like_text(text.whole)) return std::nullopt;
  split_sender(text);
  return text;
}

}  // namespace

std::optional<std::string> write_group_text(const Frame& frame, ChannelOpener& opener,
                                            JsonWriter& json) {
  const auto group = parse_group(frame.payload);
  if (!group) {
    write_short_payload("GRP_TXT", frame.payload, "too short", json);
    return std::nullopt;
  }
  std::string channel;
  const bool opened =
      try_keys(*group, opener, [&](const ChannelKey& key, std::span<const std::uint8_t> plain) {
        const auto text = read_group_text(plain);
        if (!text) return false;
        channel = normalised_channel_name(key.name);
        json.text("type", "CHAN");
        write_channel(*group, "decrypted", json);
        json.text("channel", channel);
        // With a sender but no message, the sender's field is all that is stored.
        json.text("text", text->message.empty() ? "" : text->whole);
        json.text("sender", text->sender);
        json.count("sender_timestamp", text->timestamp);
        return true;
      });
  if (opened) return channel;
  write_sealed_group(frame, *group, opener.ring(), json);
  return "enc_" + to_upper_hex(group->channel);
}

void write_group_data(const Frame& frame, ChannelOpener& opener, JsonWriter& json) {
  const auto group = parse_group(frame.payload);
  if (!group) return write_short_payload("GRP_DATA", frame.payload, "too short", json);
  const bool opened =
      try_keys(*group, opener, [&](const ChannelKey& key, std::span<const std::uint8_t> plain) {
        ByteReader reader(plain);
        const std::uint16_t data_type = reader.u16();
        const std::uint8_t data_length = reader.u8();
        json.text("type", "GRP_DATA");
        write_channel(*group, "decrypted", json);
        json.text("channel", key.name);
        json.integer("dataType", data_type);
        json.integer("dataLen", data_length);
        const auto data = reader.bytes(data_length);
        json.hex("decryptedBlob", data);
        if (reader.failed()) json.text("error", "inner data_len exceeds buffer");
        return true;
      });
  if (!opened) write_sealed_group(frame, *group, opener.ring(), json);
}

}  // namespace sluice
