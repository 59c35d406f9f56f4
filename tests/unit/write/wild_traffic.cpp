#include "wild_traffic.h"

#include <array>

#include <fmt/format.h>
#include <sodium.h>

#include "naive_frame.h"

namespace sluice::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct KeyPair {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
};

KeyPair keys_of(std::uint8_t node) {
  std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed{};
  seed.fill(static_cast<std::uint8_t>(node + 1));
  KeyPair keys;
  crypto_sign_seed_keypair(keys.open.data(), keys.secret.data(), seed.data());
  return keys;
}

template <typename Range>
void append(Bytes& bytes, const Range& more) {
  for (const auto byte : more) bytes.push_back(static_cast<std::uint8_t>(byte));
}

void put(Bytes& bytes, std::uint32_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// Members of a JSON object, in the order in which they come.
class Members {
 public:
  void add(const std::string& key, const std::string& value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", key, value);
  }
  [[nodiscard]] std::string object() const { return '{' + text_ + '}'; }

 private:
  std::string text_;
};

}  // namespace

const std::vector<std::string>& WildTraffic::regions() {
  static const std::vector<std::string> kRegions{"#bay", "#pnw", "#x"};
  return kRegions;
}

std::string WildTraffic::node_key(std::uint8_t node) {
  std::string text;
  for (const std::uint8_t byte : keys_of(node).open) text += fmt::format("{:02x}", byte);
  return text;
}

std::string WildTraffic::one_of(std::initializer_list<const char*> texts) {
  return texts.begin()[draw(static_cast<std::uint32_t>(texts.size()))];
}

Message WildTraffic::next() {
  const std::uint32_t kind = draw(20);
  if (kind < 12) return packet();
  if (kind < 17) return status();
  return kind < 19 ? companion() : rubbish();
}

Bytes WildTraffic::advert_data() {
  constexpr std::int32_t kPlaces[][2] = {
      {52'500'000, 13'400'000}, {0, 0}, {500'000, 500'000}, {-100, 200}, {91'000'000, 0}};
  constexpr std::uint8_t kKinds[] = {0, 1, 2, 3, 4, 4, 7};
  Bytes data{kKinds[draw(7)]};
  const bool sensor = data[0] == 4;
  if (one_in(2)) {
    data[0] |= 0x10;
    const auto& place = kPlaces[draw(one_in(4) ? 5 : 4)];
    put(data, static_cast<std::uint32_t>(place[0]), 4);
    put(data, static_cast<std::uint32_t>(place[1]), 4);
  }
  if (!one_in(3)) {
    data[0] |= 0x80;
    append(data, one_of({"Alpha", "Beta", "G\xC3\xA4mma", "a<b", ""}));
    if (sensor || one_in(2)) data.push_back(0);
  }
  if (sensor && !one_in(4)) {
    constexpr std::uint16_t kBatteries[] = {3700, 3701, 20000, 0};
    constexpr std::int16_t kTemperatures[] = {2150, -300, 20000, 0};
    put(data, kBatteries[draw(4)], 2);
    put(data, static_cast<std::uint16_t>(kTemperatures[draw(4)]), 2);
  }
  return data;
}

Bytes WildTraffic::advert_payload() {
  const KeyPair keys = keys_of(static_cast<std::uint8_t>(draw(4)));
  const Bytes data = one_in(12) ? Bytes{} : advert_data();
  Bytes payload;
  append(payload, keys.open);
  put(payload, 1'767'225'600 + draw(2), 4);
  Bytes signed_text = payload;
  append(signed_text, data);
  std::array<std::uint8_t, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, signed_text.data(), signed_text.size(),
                       keys.secret.data());
  if (one_in(8)) signature[0] ^= 1U;
  append(payload, signature);
  append(payload, data);
  if (one_in(20)) payload.resize(90);
  return payload;
}

Bytes WildTraffic::payload(int type) {
  if (type == 4) return advert_payload();
  Bytes bytes;
  if (type == 9) {
    put(bytes, draw(3), 4);
    put(bytes, draw(2), 4);
    bytes.push_back(static_cast<std::uint8_t>(draw(2)));
    for (std::uint32_t i = draw(4); i > 0; --i)
      bytes.push_back(static_cast<std::uint8_t>(0xC0 + i));
    if (one_in(8)) bytes.resize(7);
    return bytes;
  }
  append(bytes, Bytes{static_cast<std::uint8_t>(draw(4)), 2, 3, 4, 5, 6});
  if (one_in(3)) append(bytes, Bytes{7, 8, 9});
  if (one_in(8)) bytes.resize(1 + draw(4));
  return bytes;
}

std::string WildTraffic::frame() {
  constexpr int kKinds[] = {2, 4, 4, 4, 4, 5, 5, 9, 3, 12, 1, 0};
  const int type = kKinds[draw(12)];
  const Bytes body = payload(type);
  const std::uint32_t route = draw(6) % 4;
  Bytes bytes{static_cast<std::uint8_t>(route | static_cast<std::uint32_t>(type) << 2 |
                                        (one_in(6) ? 0x40U : 0U))};
  if (route == 0 || route == 3) {
    const std::uint32_t which = draw(5);
    append(bytes, which == 0   ? Bytes{0, 0}
                  : which == 1 ? Bytes{0x12, 0x34}
                               : transport_code(regions()[which - 2], type, body));
    append(bytes, Bytes{0x55, 0xAA});
  }
  const std::uint32_t hash_size = 1 + draw(5) % 3;
  const std::uint32_t hops = draw(3);
  bytes.push_back(static_cast<std::uint8_t>((hash_size - 1) << 6 | hops));
  for (std::uint32_t i = 0; i < hash_size * hops; ++i)
    bytes.push_back(static_cast<std::uint8_t>(0xF0 + draw(2)));
  append(bytes, body);
  const bool upper = one_in(2);
  std::string text;
  for (const std::uint8_t byte : bytes)
    text += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  return text;
}

Message WildTraffic::packet() {
  Members members;
  std::string raw = frame();
  if (one_in(15)) raw.insert(4, one_of({" ", "\\n", "\\r "}));
  members.add("raw", quoted(raw));
  if (!one_in(3)) members.add("origin", one_of({"\"n1\"", "\"n2\"", "\"\"", "5", "null"}));
  if (one_in(2))
    members.add(one_of({"SNR", "snr"}),
                one_of({"1.5", "\"2.5 dB\"", "null", "\"x\"", "true", "3"}));
  if (one_in(5)) members.add("SNR", one_of({"null", "-7.25"}));
  if (one_in(2))
    members.add(one_of({"RSSI", "rssi"}),
                one_of({"-90", "\" -80 dBm \"", "\"inf\"", "null", "-91.5"}));
  if (one_in(2))
    members.add(one_of({"score", "Score"}), one_of({"1.5", "-2.5", "7", "\"8\"", "null", "1e30"}));
  if (one_in(2)) {
    members.add(one_of({"direction", "Direction"}),
                one_of({"\"rx\"", "\"\"", "7", "\"up\"", "\"Tx\""}));
  }
  if (one_in(12)) members.add("hash", one_of({"\"0123456789abcdef\"", "\"\""}));
  if (one_in(12)) members.add("len", one_of({"\"12\"", "12", "\"x\""}));
  if (one_in(10)) members.add("region", one_of({"\"over\"", "\" \"", "\"\"", "3"}));
  if (one_in(4)) {
    members.add("timestamp", one_of({"\"2026-01-01T04:00:00\"", "\"2025-12-20T00:00:00\"",
                                     "\"2026-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00\"",
                                     "\"2026-02-01T00:00:00\"", "\"rubbish\"", "17"}));
  }
  std::string topic = fmt::format("meshcore/{}/{}/packets", one_of({"SJC", "ber", " muc ", ""}),
                                  one_of({"A", "B", "C", "old", "idle", ""}));
  if (one_in(20)) topic = one_of({"foo", "meshcore/LHR", "x/y/z"});
  return {.topic = topic, .payload = members.object()};
}

Message WildTraffic::status() {
  Members members;
  const auto sometimes = [&](const char* key, std::initializer_list<const char*> values) {
    if (one_in(3)) members.add(key, one_of(values));
  };
  sometimes("origin", {"\"s1\"", "\"s2\"", "\"\"", "null"});
  sometimes("model", {"\"m1\"", "\"m2\"", "\"\"", "3"});
  sometimes("radio", {"\"r1\"", "\"r2\"", "\"\""});
  sometimes("firmware", {"\"f1\"", "\"\""});
  sometimes("firmware_version", {"\"fv\"", "\"\"", "1"});
  sometimes("client_version", {"\"c1\""});
  sometimes("clientVersion", {"\"c2\"", "\"\""});
  sometimes("repeat", {"true", "\"off\"", "\"maybe\"", "0", "1", "null", "\" Yes \""});
  sometimes("uptime_secs", {"5", "\"6.5\"", "null", "1e30"});
  sometimes("battery_mv", {"3000.5", "\"x\"", "2999"});
  sometimes("noise_floor", {"\"-110 dBm\"", "-99.5", "\"nan\""});
  if (one_in(2)) {
    members.add("stats", one_of({"{}", "null", "7", R"({"battery_mv":null})",
                                 R"({"battery_mv":3333,"recv_errors":2.5,"noise_floor":-1})",
                                 R"({"packets_sent":"9","packets_recv":null})",
                                 R"({"tx_air_secs":-1.5,"rx_air_secs":"2 m"})",
                                 R"({"uptime_secs":77,"noise_floor":null})"}));
  }
  return {.topic = fmt::format("meshcore/{}/{}/status", one_of({"SJC", "ber", " muc ", ""}),
                               one_of({"A", "B", "D", "old", "idle", "companion"})),
          .payload = members.object(),
          .retained = one_in(3)};
}

Message WildTraffic::companion() {
  Members members;
  members.add("text", one_of({"\"Al: hi\"", "\"plain\"", "\"\"", "\": x\"", "4"}));
  if (one_in(3)) members.add("channel_idx", one_of({"3", "\"q\"", "null", "2.5", "true"}));
  if (one_in(3)) members.add("sender_timestamp", one_of({"1767225600", "7"}));
  if (one_in(3)) members.add("SNR", one_of({"4.5", "\"-3 dB\""}));
  return {.topic = one_of({"meshcore/message/channel/1", "meshcore/message/direct/z"}),
          .payload = members.object()};
}

Message WildTraffic::rubbish() {
  const std::string topic = "meshcore/SJC/A/packets";
  switch (draw(7)) {
    case 0:
      return {.topic = topic, .payload = "{"};
    case 1:
      return {.topic = topic, .payload = R"({"raw":"01"})"};
    case 2:
      return {.topic = topic, .payload = R"({"raw":"zz00"})"};
    case 3:
      return {.topic = topic, .payload = R"([{"raw":"0900a1b2c3d4e5"}])"};
    case 4:
      return {.topic = "meshcore/status", .payload = R"({"raw":"0900a1b2c3d4e5"})"};
    case 5:
      return {.topic = "meshcore/client/aa/packets", .payload = R"({"raw":"0900a1b2c3d4e5"})"};
    default:
      return {.topic = topic, .payload = R"({"origin":"n1"})"};
  }
}

}  // namespace sluice::test
