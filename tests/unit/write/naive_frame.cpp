#include "naive_frame.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include "naive_fields.h"

namespace sluice::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::array kTypes{"REQ", "RESPONSE", "TXT_MSG", "ACK", "ADVERT", "GRP_TXT"};

std::string hex(const Bytes& bytes, std::size_t from = 0, std::size_t count = SIZE_MAX,
                bool upper = false) {
  std::string text;
  for (std::size_t i = from; i < bytes.size() && i - from < count; ++i)
    text += upper ? fmt::format("{:02X}", bytes[i]) : fmt::format("{:02x}", bytes[i]);
  return text;
}

std::optional<Bytes> bytes_of(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (std::isxdigit(static_cast<unsigned char>(text[i])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(text[i + 1])) == 0)
      return std::nullopt;
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t count = SIZE_MAX) {
  from = std::min(from, bytes.size());
  const std::size_t end = from + std::min(count, bytes.size() - from);
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
          bytes.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::uint32_t u32(const Bytes& bytes, std::size_t at) {
  return bytes[at] | bytes[at + 1] << 8U | bytes[at + 2] << 16U |
         static_cast<std::uint32_t>(bytes[at + 3]) << 24U;
}

std::uint16_t u16(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8U);
}

/// Members in the order of the calls; one that would be empty is left out.
class Json {
 public:
  void raw(const std::string& key, const std::string& value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "{" : ",", key, value);
  }
  void text(const std::string& key, const std::string& value) {
    if (!value.empty()) raw(key, '"' + value + '"');
  }
  void number(const std::string& key, double value) { raw(key, fmt::format("{}", value)); }
  void count(const std::string& key, std::uint64_t value) {
    if (value != 0) raw(key, fmt::format("{}", value));
  }
  [[nodiscard]] std::string take() { return text_ + '}'; }

 private:
  std::string text_;
};

std::string short_json(const std::string& type, const Bytes& payload, const std::string& error) {
  Json json;
  json.text("type", type);
  json.text("raw", hex(payload));
  json.text("error", error);
  return json.take();
}

std::string iso_time(std::uint32_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  return text;
}

std::string advert_json(const Bytes& payload, const NaiveAdvert& advert) {
  Json json;
  json.text("type", "ADVERT");
  json.text("pubKey", advert.key);
  json.count("timestamp", u32(payload, 32));
  json.text("timestampISO", iso_time(u32(payload, 32)));
  json.text("signature", hex(payload, 36, 64));
  json.raw("signatureValid", advert.well_signed ? "true" : "false");
  if (payload.size() > 100) {
    const unsigned flags = payload[100];
    const unsigned type = flags & 15U;
    const auto is = [](bool what) { return what ? "true" : "false"; };
    json.raw("flags",
             fmt::format("{{\"raw\":{},\"type\":{},\"chat\":{},\"repeater\":{},\"room\":{}"
                         ",\"sensor\":{},\"hasLocation\":{},\"hasFeat1\":{},\"hasFeat2\":{}"
                         ",\"hasName\":{}}}",
                         flags, type, is(type == 1), is(type == 2), is(type == 3), is(type == 4),
                         is((flags & 0x10U) != 0), is((flags & 0x20U) != 0),
                         is((flags & 0x40U) != 0), is((flags & 0x80U) != 0)));
  }
  if (advert.lat) json.number("lat", *advert.lat);
  if (advert.lon) json.number("lon", *advert.lon);
  json.text("name", escaped(advert.name));
  if (advert.battery_mv) json.number("battery_mv", static_cast<double>(*advert.battery_mv));
  if (advert.temperature_c) json.number("temperature_c", *advert.temperature_c);
  return json.take();
}

bool is_well_signed(const Bytes& payload) {
  Bytes text = slice(payload, 0, 36);
  const Bytes app = slice(payload, 100, 32);  // F7: as the firmware does
  text.insert(text.end(), app.begin(), app.end());
  return crypto_sign_verify_detached(payload.data() + 36, text.data(), text.size(),
                                     payload.data()) == 0;
}

NaiveAdvert advert_of(const Bytes& payload) {
  constexpr std::array kRoles{"none", "companion", "repeater", "room", "sensor"};
  NaiveAdvert advert;
  advert.key = hex(payload, 0, 32);
  advert.role = "companion";
  advert.well_signed = is_well_signed(payload);
  advert.corrupted = advert.key == std::string(64, '0');
  if (payload.size() == 100) return advert;
  const unsigned flags = payload[100];
  const unsigned type = flags & 15U;
  advert.role = type < kRoles.size() ? kRoles[type] : fmt::format("type-{}", type);
  std::size_t at = 101;
  if ((flags & 0x10U) != 0 && payload.size() >= at + 8) {
    advert.lat = static_cast<std::int32_t>(u32(payload, at)) / 1e6;
    advert.lon = static_cast<std::int32_t>(u32(payload, at + 4)) / 1e6;
    at += 8;
    if (std::abs(*advert.lat) > 90 || std::abs(*advert.lon) > 180) advert.corrupted = true;
  }
  for (const unsigned feature : {0x20U, 0x40U})
    if ((flags & feature) != 0 && payload.size() >= at + 2) at += 2;
  if ((flags & 0x80U) != 0) {
    while (at < payload.size() && payload[at] != 0) advert.name += static_cast<char>(payload[at++]);
    while (at < payload.size() && payload[at] == 0) ++at;
  }
  if (type == 4 && payload.size() >= at + 4) {
    const int battery = u16(payload, at);
    const int temperature = static_cast<std::int16_t>(u16(payload, at + 2));
    if (battery >= 1 && battery <= 10000) advert.battery_mv = battery;
    if (temperature >= -5000 && temperature <= 10000) advert.temperature_c = temperature / 100.0;
  }
  return advert;
}

std::string trace_json(const Bytes& payload, const Bytes& path, std::size_t hash_size) {
  if (payload.size() < 9) return short_json("TRACE", payload, "too short");
  Json json;
  json.text("type", "TRACE");
  json.text("pathData", hex(payload, 9));
  if (payload.size() > 9 && hash_size == 1 && !path.empty()) {
    std::string values;
    for (const std::uint8_t byte : path) {
      values +=
          fmt::format("{}{}", values.empty() ? "" : ",", static_cast<std::int8_t>(byte) / 4.0);
    }
    json.raw("snrValues", '[' + values + ']');
  }
  json.count("tag", u32(payload, 0));
  json.count("authCode", u32(payload, 4));
  json.raw("traceFlags", fmt::format("{}", payload[8]));
  return json.take();
}

std::string ack_json(const Bytes& payload) {
  if (payload.size() < 4) return short_json("ACK", payload, "too short");
  Json json;
  json.text("type", "ACK");
  json.text("extraHash", fmt::format("{:08x}", u32(payload, 0)));
  json.raw("ackLen", fmt::format("{}", std::min<std::size_t>(payload.size(), 6)));
  if (payload.size() > 4) json.raw("ackAttempt", fmt::format("{}", payload[4]));
  if (payload.size() > 5) json.raw("ackRand", fmt::format("{}", payload[5]));
  return json.take();
}

std::string group_json(const Bytes& payload) {
  if (payload.size() < 3) return short_json("GRP_TXT", payload, "too short");
  Json json;
  json.text("type", "GRP_TXT");
  json.text("mac", hex(payload, 1, 2));
  json.text("encryptedData", hex(payload, 3));
  json.count("channelHash", payload[0]);
  json.text("channelHashHex", hex(payload, 0, 1, true));
  json.text("decryptionStatus", payload.size() < 8 ? "no_key" : "decryption_failed");
  return json.take();
}

std::string sealed_json(const std::string& type, const Bytes& payload) {
  if (payload.size() < 4) return short_json(type, payload, "too short");
  Json json;
  json.text("type", type);
  json.text("destHash", hex(payload, 0, 1));
  json.text("srcHash", hex(payload, 1, 1));
  json.text("mac", hex(payload, 2, 2));
  json.text("encryptedData", hex(payload, 4));
  return json.take();
}

std::string list_of(const Bytes& bytes, std::size_t size) {
  std::vector<std::string> hops;
  for (std::size_t at = 0; at + size <= bytes.size(); at += size)
    hops.push_back('"' + hex(bytes, at, size, true) + '"');
  return fmt::format("[{}]", fmt::join(hops, ","));
}

void read_payload(NaiveFrame& frame, const Bytes& payload, const Bytes& path,
                  std::size_t hash_size) {
  frame.path_json = list_of(path, hash_size);
  switch (frame.type) {
    case 3:
      frame.decoded_json = ack_json(payload);
      break;
    case 4:
      if (payload.size() < 100) {
        frame.decoded_json = short_json("ADVERT", payload, "too short for advert");
      } else {
        frame.advert = advert_of(payload);
        frame.decoded_json = advert_json(payload, *frame.advert);
      }
      break;
    case 5:
      frame.decoded_json = group_json(payload);
      if (payload.size() >= 3) frame.channel_hash = "enc_" + hex(payload, 0, 1, true);
      break;
    case 9:
      frame.decoded_json = trace_json(payload, path, hash_size);
      if (payload.size() > 9)
        frame.path_json = list_of(slice(payload, 9), std::size_t{1} << (payload[8] & 3U));
      break;
    case 12: {
      Json json;
      json.text("type", "UNKNOWN");
      json.text("raw", hex(payload));
      frame.decoded_json = json.take();
      break;
    }
    default:
      frame.decoded_json = sealed_json(kTypes.at(static_cast<std::size_t>(frame.type)), payload);
  }
}

}  // namespace

std::string short_hash(std::string_view bytes) {
  Bytes digest(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return hex(digest, 0, 8);
}

Bytes transport_code(const std::string& region, int type, const Bytes& payload) {
  Bytes key(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(key.data(), reinterpret_cast<const unsigned char*>(region.data()),
                     region.size());
  const auto first = static_cast<std::uint8_t>(type);
  Bytes code(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), 16);
  crypto_auth_hmacsha256_update(&state, &first, 1);
  crypto_auth_hmacsha256_update(&state, payload.data(), payload.size());
  crypto_auth_hmacsha256_final(&state, code.data());
  code.resize(2);
  if (code == Bytes{0, 0}) code = {1, 0};
  if (code == Bytes{0xFF, 0xFF}) code = {0xFE, 0xFF};
  return code;
}

std::optional<NaiveFrame> read_frame(std::string_view text,
                                     const std::vector<std::string>& regions) {
  const std::optional<Bytes> bytes = bytes_of(text);
  if (!bytes || bytes->size() < 2) return std::nullopt;
  NaiveFrame frame;
  frame.route = bytes->front() & 3;
  frame.type = bytes->front() >> 2 & 15;
  frame.version = bytes->front() >> 6;
  std::size_t at = 1;
  Bytes codes;
  if (frame.route == 0 || frame.route == 3) {
    if (bytes->size() < 5) return std::nullopt;
    codes = slice(*bytes, 1, 2);
    at = 5;
  }
  if (bytes->size() <= at) return std::nullopt;
  const std::size_t hash_size = ((*bytes)[at] >> 6) + 1U;
  const std::size_t path_size = hash_size * ((*bytes)[at] & 63U);
  const std::uint8_t path_byte = (*bytes)[at++];
  if (hash_size == 4 || path_size > 64 || bytes->size() < at + path_size) return std::nullopt;
  const Bytes path = slice(*bytes, at, path_size);
  const Bytes payload = slice(*bytes, at + path_size);
  if (payload.size() > 184) return std::nullopt;

  std::string hashed(1, static_cast<char>(frame.type));
  if (frame.type == 9) hashed += {static_cast<char>(path_byte), '\0'};
  hashed.append(payload.begin(), payload.end());
  frame.hash = short_hash(hashed);
  if (!codes.empty() && codes != Bytes{0, 0}) {
    frame.scope = "";
    for (const std::string& region : regions) {
      if (payload.empty() || transport_code(region, frame.type, payload) != codes) continue;
      frame.scope = region;
      break;
    }
  }
  read_payload(frame, payload, path, hash_size);
  return frame;
}

}  // namespace sluice::test
