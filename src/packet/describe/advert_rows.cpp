#include "packet/describe/advert_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/timestamp_text.h"
#include "packet/describe/flat_json.h"

namespace sluice {
namespace {

std::string time_text(std::span<const std::uint8_t> field) {
  const WallTime time{std::chrono::seconds(ByteReader(field).u32())};
  return std::string(TimestampText(time).view());
}

std::string signature_meaning(const TransmissionFacts& facts) {
  const std::string valid = flat_text(facts.decoded_json, "signatureValid");
  if (valid.empty()) return "signature, not checked";
  return valid == "true" ? "signature, valid" : "signature, NOT VALID";
}

/// The fixed part, of which there is not enough.
void add_short_advert(std::span<const std::uint8_t> payload, ByteTable& table) {
  struct Field {
    std::size_t bytes;
    std::string_view meaning;
  };
  constexpr std::array<Field, 3> kFields = {
      {{32, "public key"}, {4, "sender's clock"}, {64, "signature"}}};
  ByteReader reader(payload);
  for (const auto& [bytes, meaning] : kFields) {
    if (reader.remaining() >= bytes) {
      table.add(reader.bytes(bytes), std::string(meaning));
      continue;
    }
    table.add(reader.rest(), fmt::format("beginning of: {}", meaning));
    return table.add_missing(fmt::format("within: {}; too short for an advert", meaning));
  }
}

/// An announced field that is not wholly there is passed over: what comes next is read from its
/// place.
void add_cut_off(const ByteReader& reader, std::string_view what, std::size_t bytes,
                 ByteTable& table) {
  const std::string text = fmt::format("{} is announced and needs {}, there are {}", what,
                                       counted(bytes, "byte"), reader.remaining());
  if (reader.remaining() == 0)
    table.add_missing(text);
  else
    table.add_fault(reader.rest(), text);
}

void add_coordinate(ByteReader& reader, std::string_view what, double degrees, double most,
                    ByteTable& table) {
  const auto piece = reader.bytes(4);
  table.add(piece, fmt::format("{} {:.6f}", what, degrees));
  if (std::abs(degrees) > most)
    table.add_fault(piece, fmt::format("no place on Earth: more than {} degrees", most));
}

void add_feature(ByteReader& reader, bool announced, bool there, int number, ByteTable& table) {
  if (there)
    table.add(reader.bytes(2), fmt::format("feature word {}", number));
  else if (announced)
    add_cut_off(reader, fmt::format("feature word {}", number), 2, table);
}

void add_name(ByteReader& reader, const TransmissionFacts& facts, ByteTable& table) {
  const auto is_nul = [](std::uint8_t byte) { return byte == 0; };
  const auto rest = reader.rest();
  const auto name_end = std::find_if(rest.begin(), rest.end(), is_nul);
  const auto nuls_end = std::find_if_not(name_end, rest.end(), is_nul);
  table.add(reader.bytes(static_cast<std::size_t>(name_end - rest.begin())),
            fmt::format("name \"{}\"", terminal_text(facts.advert->name)));
  table.add(reader.bytes(static_cast<std::size_t>(nuls_end - name_end)),
            "NULs, which end the name");
}

void add_telemetry(const Advert& advert, ByteReader& reader, ByteTable& table) {
  if (reader.remaining() < 4) return;
  const auto battery = reader.bytes(2);
  const auto temperature = reader.bytes(2);
  std::string said = fmt::format("battery {} mV", ByteReader(battery).u16());
  if (!advert.battery_mv) said += ", out of range and passed over";
  table.add(battery, std::move(said));
  said = fmt::format("temperature {:.2f} °C", ByteReader(temperature).i16() / 100.0);
  if (!advert.temperature_c) said += ", out of range and passed over";
  table.add(temperature, std::move(said));
}

void add_app_data(const Advert& advert, const TransmissionFacts& facts, ByteTable& table) {
  if (!advert.flags) return;
  const std::uint8_t flags = *advert.flags;
  ByteReader reader(advert.app_data);
  table.add(reader.bytes(1), fmt::format("flags: {}", facts.advert->role));
  if (advert.lat_e6) {
    add_coordinate(reader, "latitude", *facts.advert->lat, 90, table);
    add_coordinate(reader, "longitude", *facts.advert->lon, 180, table);
  } else if ((flags & kAdvertHasLocation) != 0) {
    add_cut_off(reader, "location", 8, table);
  }
  add_feature(reader, (flags & kAdvertHasFeat1) != 0, advert.feat1.has_value(), 1, table);
  add_feature(reader, (flags & kAdvertHasFeat2) != 0, advert.feat2.has_value(), 2, table);
  if ((flags & kAdvertHasName) != 0) add_name(reader, facts, table);
  if (facts.advert->role == "sensor") add_telemetry(advert, reader, table);
  table.add(reader.rest(), "further bytes");
}

}  // namespace

void add_advert_rows(const Frame& frame, const TransmissionFacts& facts, ByteTable& table) {
  const auto advert = parse_advert(frame.payload);
  if (!advert) return add_short_advert(frame.payload, table);
  const auto is_nul = [](std::uint8_t byte) { return byte == 0; };
  table.add(advert->public_key, "public key");
  if (std::all_of(advert->public_key.begin(), advert->public_key.end(), is_nul))
    table.add_fault(advert->public_key, "no key: all zeros");
  table.add(advert->timestamp, "sender's clock, " + time_text(advert->timestamp));
  table.add(advert->signature, signature_meaning(facts));
  add_app_data(*advert, facts, table);
}

}  // namespace sluice
