#include "support/hostile_messages.h"

#include <array>
#include <climits>
#include <iterator>

#include <fmt/format.h>

#include "base/hex.h"
#include "support/frames.h"

namespace sluice::test {
namespace {

constexpr std::array kNumbers = {"1e308",
                                 "-1e308",
                                 "1e309",
                                 "-1e999999999",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "-9223372036854775809",
                                 "1e-400",
                                 "-0",
                                 "0.1e+0000000000000000000001",
                                 "\"inf\"",
                                 "\"-nan\"",
                                 "\"0x1p99999\"",
                                 "\"1_0_0 dBm\"",
                                 "\"\"",
                                 "[[]]",
                                 "{}",
                                 "true",
                                 "null"};

constexpr std::array kSqlTexts = {"'; DROP TABLE observers; --",
                                  "\\\"); DELETE FROM nodes; --",
                                  "' OR 1=1 --",
                                  "?1",
                                  ":a$b@c",
                                  "x'00'",
                                  "%s%n%s%n",
                                  "{}{0}{:n}"};

constexpr std::array kLogTexts = {"\\n2026/01/01 00:00:00 [ingestor] Done.",
                                  "\\r\\u001b[2J\\u001b]0;owned\\u0007",
                                  "\\u009b31m",
                                  "\\u2028MQTT [lab] forged line",
                                  "\\u202egnp.exe",
                                  "\\u0008\\u0008\\u007f"};

constexpr std::array kInvalidBytes = {
    "\xFF",     "\xC0\xAF", "\xED\xA0\x80", "\xF8\x88\x80", "\xF4\x90\x80\x80",
    "\xE2\x82", "\x80",     "\xC2"};

constexpr std::array kTimestamps = {"0000-01-01T00:00:00Z",
                                    "9999-12-31T23:59:59Z",
                                    "10000-01-01T00:00:00Z",
                                    "2026-02-30T25:61:61Z",
                                    "2016-12-31T23:59:60Z",
                                    "2026-01-01T00:00:00.99999999999999999999999999Z",
                                    "2026-01-01T00:00:00+99:99",
                                    "-2026-01-01T00:00:00",
                                    "2026-01-01T00:00:00",
                                    "2025-06-01T00:00:00",
                                    "Thursday"};

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace

std::string HostileMessages::frame() { return text_hex(0x80000000U + draw(50)); }

std::string HostileMessages::topic(const std::string& observer) {
  return fmt::format("meshcore/SJC/{}/{}", observer, one_in(4) ? "status" : "packets");
}

Message HostileMessages::next() {
  return of(static_cast<Kind>(draw(static_cast<std::uint32_t>(Kind::kCount))));
}

Message HostileMessages::of(Kind kind) {
  switch (kind) {
    case Kind::kLogInjection:
      return with_text(pick(kLogTexts));
    case Kind::kSql: {
      Message message = with_text(pick(kSqlTexts));
      message.topic = topic("'); DROP TABLE transmissions; --");
      return message;
    }
    case Kind::kInvalidUtf8:
      return with_text(fmt::format("a{}b", pick(kInvalidBytes)));
    case Kind::kNulBytes:
      return with_text(one_in(2) ? std::string("a\\u0000b") : std::string("a\0b", 3));
    case Kind::kOddTimestamp:
      return {
          .topic = topic(),
          .payload = fmt::format(R"({{"raw":"{}","timestamp":"{}"}})", frame(), pick(kTimestamps))};
    case Kind::kExtremeStatus:
      return extreme_status();
    case Kind::kCompanion:
      return companion();
    case Kind::kPhone:
      return phone();
    case Kind::kLongTopic:
    case Kind::kManyLevels:
    case Kind::kOddTopic:
      return odd_topic(kind);
    case Kind::kExtremeAdvert:
    case Kind::kExtremePath:
    case Kind::kHugeFrame:
      return odd_frame(kind);
    case Kind::kCutRecord:
    case Kind::kRandomBytes:
    case Kind::kFlippedBits:
      return spoilt(kind);
    default:
      return big_json(kind);
  }
}

Message HostileMessages::with_text(const std::string& json_text) {
  std::string payload = fmt::format(
      R"({{"raw":"{}","origin":"{}","direction":"{}","region":"{}","model":"{}","firmware":"{}",)"
      R"("clientVersion":"{}","radio":"{}","SNR":"{}","timestamp":"{}"}})",
      one_in(3) ? advert_hex({.seed = 9,
                              .name = one_in(2) ? json_text : "\x01\xFF\n\x1b[2J",
                              .well_signed = !one_in(4)})
                : frame(),
      json_text, json_text, json_text, json_text, json_text, json_text, json_text, json_text,
      json_text);
  return {.topic = topic(), .payload = std::move(payload), .retained = one_in(8)};
}

Message HostileMessages::big_json(Kind kind) {
  constexpr std::size_t kMany = 100'000;
  std::string payload = fmt::format(R"({{"raw":"{}")", frame());
  auto out = std::back_inserter(payload);
  switch (kind) {
    case Kind::kDeepJson:
      payload += ",\"deep\":" + repeated(one_in(2) ? "[" : "{\"a\":", kMany);
      if (one_in(2)) payload += repeated("]", kMany);
      break;
    case Kind::kManyKeys:
      for (std::size_t i = 0; i < kMany; ++i) fmt::format_to(out, R"(,"k{}":{})", i, i);
      break;
    case Kind::kDuplicateKeys:
      for (std::size_t i = 0; i < 1000; ++i)
        fmt::format_to(out, R"(,"raw":"{}","origin":"o{}","stats":{{}})", frame(), i);
      break;
    case Kind::kGiantNumbers:
      for (const char* key : {"SNR", "RSSI", "score", "len", "hash", "timestamp", "origin"})
        fmt::format_to(out, R"(,"{}":{})", key, pick(kNumbers));
      if (one_in(3)) payload += ",\"snr\":" + repeated("9", 10'000);
      break;
    default:  // kWrongTypes
      for (const char* key : {"raw", "origin", "direction", "SNR", "region", "stats", "text"})
        fmt::format_to(out, R"(,"{}":{})", key, pick(kNumbers));
      break;
  }
  return {.topic = topic(), .payload = payload + '}'};
}

Message HostileMessages::odd_topic(Kind kind) {
  std::string name;
  if (kind == Kind::kLongTopic) {
    name = "meshcore/SJC/" + repeated("E", 65'000) + "/packets";
  } else if (kind == Kind::kManyLevels) {
    name = one_in(2) ? repeated("/", 10'000) : repeated("meshcore/", 7000);
  } else {
    const std::array<std::string, 10> odd = {"",
                                             "/",
                                             "////",
                                             "meshcore//",
                                             "meshcore/SJC//packets",
                                             "meshcore/SJC/../packets",
                                             "meshcore/+/#/packets",
                                             std::string("meshcore/SJC/a\0b/packets", 24),
                                             "meshcore/SJC/a\xFF/packets",
                                             "meshcore/\x1b[2J/\n\r/status"};
    name = pick(odd);
  }
  return {.topic = std::move(name), .payload = fmt::format(R"({{"raw":"{}"}})", frame())};
}

Message HostileMessages::odd_frame(Kind kind) {
  constexpr std::array<std::int32_t, 6> kDegrees = {INT_MIN,      INT_MAX, 90'000'000,
                                                    -180'000'000, 0,       -1};
  PacketSpec spec;
  spec.observer = "EVIL";
  if (kind == Kind::kExtremeAdvert) {
    AdvertSpec advert;
    advert.seed = static_cast<std::uint8_t>(1 + draw(5));
    advert.time = one_in(2) ? 0 : UINT32_MAX;
    advert.located = true;
    advert.lat_e6 = pick(kDegrees);
    advert.lon_e6 = pick(kDegrees);
    advert.name = one_in(2) ? std::string(31, 'n') + "\xC3\xA9" : std::string(50, '\0');
    advert.kind = static_cast<std::uint8_t>(draw(16));
    advert.well_signed = !one_in(3);
    spec.raw = advert_hex(advert);
  } else if (kind == Kind::kExtremePath) {
    // Path byte: size of a hop less one in the upper two bits, number of hops in the others.
    const auto path_byte = static_cast<std::uint8_t>(draw(256));
    Bytes frame{static_cast<std::uint8_t>(draw(256)), path_byte};
    for (std::uint32_t i = draw(260); i > 0; --i)
      frame.push_back(static_cast<std::uint8_t>(draw(256)));
    spec.raw = to_upper_hex(frame);
  } else {
    spec.raw = repeated("0A", 1 + draw(400'000));
  }
  return packet_message(spec);
}

Message HostileMessages::spoilt(Kind kind) {
  Message message = one_in(2) ? with_text("plain") : extreme_status();
  if (kind == Kind::kCutRecord) {
    message.payload.resize(draw(static_cast<std::uint32_t>(message.payload.size())));
  } else if (kind == Kind::kRandomBytes) {
    message.payload.resize(draw(3000));
    for (char& c : message.payload) c = static_cast<char>(draw(256));
  } else {
    for (std::uint32_t i = 1 + draw(4); i > 0; --i) {
      char& c = message.payload[draw(static_cast<std::uint32_t>(message.payload.size()))];
      c = static_cast<char>(static_cast<unsigned char>(c) ^ (1U << draw(8)));
    }
  }
  return message;
}

Message HostileMessages::extreme_status() {
  std::string members = fmt::format(R"("origin":"evil","repeat":{})", pick(kNumbers));
  for (const char* key : {"battery_mv", "uptime_secs", "noise_floor", "tx_air_secs", "recv_errors"})
    members += fmt::format(R"(,"{}":{})", key, pick(kNumbers));
  if (one_in(2)) members += fmt::format(R"(,"stats":{{"battery_mv":{}}})", pick(kNumbers));
  return status_message("EVIL", members, one_in(4));
}

Message HostileMessages::companion() {
  const std::string text =
      one_in(2) ? std::string(pick(kLogTexts)) : repeated(one_in(2) ? "<" : "\xFF", draw(60'000));
  return {.topic = one_in(2) ? fmt::format("meshcore/message/channel/{}", pick(kSqlTexts))
                             : std::string("meshcore/message/direct/x"),
          .payload = fmt::format(R"({{"text":"a: {}","channel_idx":{},"sender_timestamp":{}}})",
                                 text, pick(kNumbers), pick(kNumbers))};
}

Message HostileMessages::phone() {
  return {.topic = fmt::format("meshcore/client/{}/packets", one_in(2) ? "ab01" : "zz'--"),
          .payload = fmt::format(R"({{"raw":"{}","direction":"rx","origin":"{}",)"
                                 R"("gps":{{"lat":{},"lon":{},"acc_m":{}}},"rssi":{}}})",
                                 advert_hex({.seed = 3}), pick(kLogTexts), pick(kNumbers),
                                 pick(kNumbers), pick(kNumbers), pick(kNumbers))};
}

}  // namespace sluice::test
