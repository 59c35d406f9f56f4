// ADVERT (protocol B3): a node says who and where it is, and signs it.
//
//   0             32            36              100
//   +-------------+-------------+---------------+-------------------+
//   | key (32)    | time (4)    | signature(64) | app data (0..84)  |
//   +-------------+-------------+---------------+-------------------+
//
//   app data   flags(1) [lat(4) lon(4)] [feat1(2)] [feat2(2)] [name...] [telemetry]
//
//   flags      7      6      5      4          3 2 1 0
//              name   feat2  feat1  location   node type
//
//   telemetry  sensors only, an extension that firmware does not have: battery(2, mV)
//   temperature(2,
//              hundredths of a degree), behind the name and its NULs
//
//   A field that is flagged but cut short is left out without moving on, so the ones behind it are
//   read from its place.

#include "packet/payload/advert.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/timestamp_text.h"
#include "base/utf8.h"
#include "packet/crypto/advert_signature.h"

namespace sluice {
namespace {

enum NodeType : std::uint8_t { kNone = 0, kChat = 1, kRepeater = 2, kRoom = 3, kSensor = 4 };

constexpr double kDegreesPerUnit = 1e6;

NodeType node_type(std::uint8_t flags) noexcept { return static_cast<NodeType>(flags & 0x0FU); }

void read_telemetry(ByteReader reader, Advert& advert) noexcept {
  if (reader.remaining() < 4) return;
  const std::uint16_t battery = reader.u16();
  const std::int16_t centidegrees = reader.i16();
  if (battery >= 1 && battery <= 10000) advert.battery_mv = battery;
  if (centidegrees >= -5000 && centidegrees <= 10000) advert.temperature_c = centidegrees / 100.0;
}

void read_app_data(Advert& advert) {
  ByteReader reader(advert.app_data);
  const std::uint8_t flags = reader.u8();
  advert.flags = flags;
  if ((flags & kAdvertHasLocation) != 0 && reader.remaining() >= 8) {
    advert.lat_e6 = reader.i32();
    advert.lon_e6 = reader.i32();
  }
  if ((flags & kAdvertHasFeat1) != 0 && reader.remaining() >= 2) advert.feat1 = reader.u16();
  if ((flags & kAdvertHasFeat2) != 0 && reader.remaining() >= 2) advert.feat2 = reader.u16();
  if ((flags & kAdvertHasName) != 0) {
    const auto rest = reader.rest();
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    const auto length = static_cast<std::size_t>(end - rest.begin());
    const auto name = reader.bytes(length);
    advert.name = clean_node_name({reinterpret_cast<const char*>(name.data()), name.size()});
    // All of them, so a battery reading whose low byte is 0 loses it. The peer does the same.
    while (reader.remaining() > 0 && reader.rest()[0] == 0) reader.u8();
  }
  if (node_type(flags) == kSensor) read_telemetry(reader, advert);
}

std::string role_name(const Advert& advert) {
  const std::uint8_t type = advert.flags ? node_type(*advert.flags) : kChat;
  switch (type) {
    case kNone:
      return "none";
    case kChat:
      return "companion";
    case kRepeater:
      return "repeater";
    case kRoom:
      return "room";
    case kSensor:
      return "sensor";
    default:
      return fmt::format("type-{}", type);
  }
}

// Seconds since the epoch as YYYY-MM-DDTHH:MM:SS.000Z. Any u32 is a date before 2107.
std::string iso_text(std::uint32_t seconds) {
  const WallTime time{std::chrono::seconds(seconds)};
  std::string text(TimestampText(time).view());
  text.insert(text.size() - 1, ".000");
  return text;
}

void write_flags(std::uint8_t flags, JsonWriter& json) {
  const NodeType type = node_type(flags);
  json.begin_object("flags");
  json.integer("raw", flags);
  json.integer("type", type);
  json.flag("chat", type == kChat);
  json.flag("repeater", type == kRepeater);
  json.flag("room", type == kRoom);
  json.flag("sensor", type == kSensor);
  json.flag("hasLocation", (flags & kAdvertHasLocation) != 0);
  json.flag("hasFeat1", (flags & kAdvertHasFeat1) != 0);
  json.flag("hasFeat2", (flags & kAdvertHasFeat2) != 0);
  json.flag("hasName", (flags & kAdvertHasName) != 0);
  json.end_object();
}

}  // namespace

std::uint32_t Advert::unix_time() const noexcept { return ByteReader(timestamp).u32(); }

std::optional<Advert> parse_advert(std::span<const std::uint8_t> payload) {
  ByteReader reader(payload);
  Advert advert;
  advert.public_key = reader.bytes(32);
  advert.timestamp = reader.bytes(4);
  advert.signature = reader.bytes(64);
  if (reader.failed()) return std::nullopt;
  advert.app_data = reader.rest();
  if (!advert.app_data.empty()) read_app_data(advert);
  return advert;
}

bool has_valid_signature(const Advert& advert) noexcept {
  return is_advert_signature_valid(advert.public_key.first<32>(), advert.timestamp.first<4>(),
                                   advert.signature.first<64>(), advert.app_data);
}

void write_advert(const Advert& advert, std::optional<bool> signature_valid, JsonWriter& json) {
  json.text("type", "ADVERT");
  json.hex("pubKey", advert.public_key);
  json.count("timestamp", advert.unix_time());
  json.text("timestampISO", iso_text(advert.unix_time()));
  json.hex("signature", advert.signature);
  if (signature_valid) json.flag("signatureValid", *signature_valid);
  if (advert.flags) write_flags(*advert.flags, json);
  if (advert.lat_e6) json.real("lat", *advert.lat_e6 / kDegreesPerUnit);
  if (advert.lon_e6) json.real("lon", *advert.lon_e6 / kDegreesPerUnit);
  json.text("name", advert.name);
  if (advert.feat1) json.integer("feat1", *advert.feat1);
  if (advert.feat2) json.integer("feat2", *advert.feat2);
  if (advert.battery_mv) json.integer("battery_mv", *advert.battery_mv);
  if (advert.temperature_c) json.real("temperature_c", *advert.temperature_c);
}

AdvertFacts advert_facts(const Advert& advert) {
  AdvertFacts facts;
  facts.pubkey = to_lower_hex(advert.public_key);
  facts.name = advert.name;
  facts.role = role_name(advert);
  if (advert.lat_e6) facts.lat = *advert.lat_e6 / kDegreesPerUnit;
  if (advert.lon_e6) facts.lon = *advert.lon_e6 / kDegreesPerUnit;
  facts.battery_mv = advert.battery_mv;
  facts.temperature_c = advert.temperature_c;
  return facts;
}

std::string advert_fault(const Advert& advert) {
  constexpr std::int32_t kMaxLatE6 = 90'000'000;
  constexpr std::int32_t kMaxLonE6 = 180'000'000;
  const auto outside = [](std::optional<std::int32_t> value, std::int32_t bound) {
    return value && (*value > bound || *value < -bound);
  };
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::all_of(advert.public_key.begin(), advert.public_key.end(), is_zero))
    return "pubkey is all zeros";
  if (outside(advert.lat_e6, kMaxLatE6))
    return fmt::format("invalid lat: {:.6f}", *advert.lat_e6 / kDegreesPerUnit);
  if (outside(advert.lon_e6, kMaxLonE6))
    return fmt::format("invalid lon: {:.6f}", *advert.lon_e6 / kDegreesPerUnit);
  return {};
}

std::string clean_node_name(std::string_view bytes) {
  std::string name;
  while (!bytes.empty()) {
    const Utf8Char c = first_utf8(bytes);
    const bool control = (c.value < 0x20 && c.value != '\t' && c.value != '\n') || c.value == 0x7F;
    if (!c.valid)
      name += kReplacementUtf8;
    else if (!control)
      name += bytes.substr(0, c.size);
    bytes.remove_prefix(c.size);
  }
  name.resize(utf8_prefix(name, kMaxNodeNameBytes).size());
  return name;
}

}  // namespace sluice
