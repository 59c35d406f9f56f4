#include "support/random_traffic.h"

#include <array>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace sluice::test {

Message RandomTraffic::next() {
  switch (draw(10)) {
    case 0:
    case 1:
      return status();
    case 2:
      if (one_in(3)) return phone();
      return one_in(2) ? rubbish() : companion();
    default:
      return packet();
  }
}

std::string RandomTraffic::observer() {
  if (one_in(12)) return "";
  return fmt::format("OBS{}", draw(static_cast<std::uint32_t>(spec_.observers)));
}

std::string RandomTraffic::region() {
  constexpr std::array kRegions{"SJC", "ber", " muc ", ""};
  return kRegions[draw(kRegions.size())];
}

Bytes RandomTraffic::path() {
  Bytes hops;
  for (std::uint32_t i = draw(3); i > 0; --i) {
    hops.push_back(static_cast<std::uint8_t>(0xA0 + draw(2)));
  }
  return hops;
}

std::string RandomTraffic::advert() {
  constexpr std::array kNames{"Hill", "Tower", "Sensor \\u00e4"};
  AdvertSpec spec;
  spec.seed = static_cast<std::uint8_t>(1 + draw(3));
  spec.time += draw(3);
  spec.name = kNames[draw(kNames.size())];
  spec.kind = static_cast<std::uint8_t>(1 + draw(4));
  spec.located = one_in(2);
  spec.well_signed = !one_in(4);
  spec.path = path();
  return advert_hex(spec);
}

Message RandomTraffic::packet() {
  PacketSpec spec;
  spec.raw = one_in(4) ? advert() : text_hex(draw(spec_.transmissions), path());
  spec.observer = observer();
  spec.region = region();
  spec.origin = one_in(3) ? "" : fmt::format("name {}", draw(3));
  if (one_in(2)) spec.snr = static_cast<double>(draw(40)) / 4 - 5;
  if (one_in(2)) spec.rssi = -static_cast<double>(draw(120));
  if (one_in(3)) spec.score = static_cast<int>(draw(1000));
  if (one_in(3)) spec.direction = one_in(2) ? "rx" : "";
  if (one_in(8)) spec.timestamp = fmt::format("2026-01-01T0{}:00:00", draw(4));
  if (one_in(10)) spec.region_override = one_in(2) ? "  " : "over";
  return packet_message(spec);
}

Message RandomTraffic::status() {
  std::string members;
  const auto add = [&](const std::string& member) {
    if (!members.empty()) members += ',';
    members += member;
  };
  if (one_in(2)) add(fmt::format(R"("origin":"status name {}")", draw(3)));
  if (one_in(3)) add(fmt::format(R"("model":"model {}")", draw(3)));
  if (one_in(3)) add(fmt::format(R"("firmware_version":"v{}")", draw(3)));
  if (one_in(3)) add(fmt::format(R"("repeat":{})", one_in(2) ? "true" : "\"off\""));
  if (one_in(3)) add(fmt::format(R"("noise_floor":-{}.5)", 90 + draw(30)));
  if (one_in(2)) {
    add(fmt::format(R"("stats":{{"battery_mv":{},"recv_errors":{},"packets_recv":{}}})",
                    one_in(2) ? std::to_string(3000 + draw(999)) : "null", draw(9), draw(9999)));
  }
  if (one_in(4)) add(fmt::format(R"("uptime_secs":{})", draw(99999)));
  // One observer more than those that hear packets: known by its statuses alone.
  const auto who = draw(static_cast<std::uint32_t>(spec_.observers) + 1);
  return status_message(fmt::format("OBS{}", who), members, one_in(3), region());
}

Message RandomTraffic::companion() {
  if (one_in(2)) {
    return {.topic = fmt::format("meshcore/message/channel/{}", draw(3)),
            .payload = fmt::format(R"({{"text":"Someone: hello {}"}})", draw(3))};
  }
  return {.topic = "meshcore/message/direct/ab",
          .payload = fmt::format(R"({{"text":"hi {}","sender_timestamp":{}}})", draw(3), draw(9))};
}

Message RandomTraffic::phone() {
  std::string payload = fmt::format(
      R"({{"raw":"{}","direction":"rx","rssi":-{},"gps":{{"lat":52.{},"lon":13}})",
      advert_hex({.seed = static_cast<std::uint8_t>(1 + draw(3))}), draw(100), draw(10));
  if (one_in(2)) payload += fmt::format(R"(,"origin":"phone {}")", draw(3));
  if (one_in(3)) payload += R"(,"timestamp":"2026-01-01T00:00:00Z")";  // the same ones come again
  payload += '}';
  return {.topic = fmt::format("meshcore/client/ab0{}/packets", draw(2)), .payload = payload};
}

Message RandomTraffic::rubbish() {
  switch (draw(5)) {
    case 0:
      return {.topic = "meshcore/SJC/OBS0/packets", .payload = "{\"raw\":\"09"};
    case 1:
      return {.topic = "meshcore/SJC/OBS0/packets", .payload = R"({"raw":"0905AA"})"};
    case 2:
      return {.topic = "meshcore/status", .payload = "{}"};
    case 3:
      return {.topic = "", .payload = ""};
    default:
      return {.topic = "meshcore/SJC/OBS0/packets", .payload = R"({"hello":1})"};
  }
}

}  // namespace sluice::test
