#include "packet/describe/payload_rows.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/timestamp_text.h"
#include "packet/describe/flat_json.h"
#include "packet/payload/trace.h"

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

void add_app_data(const Advert& advert, const TransmissionFacts& facts, ByteTable& table) {
  ByteReader reader(advert.app_data);
  if (advert.app_data.empty()) return;
  table.add(reader.bytes(1), fmt::format("flags: {}", facts.advert->role));
  if (advert.lat_e6) {
    table.add(reader.bytes(4), fmt::format("latitude {:.6f}", *facts.advert->lat));
    table.add(reader.bytes(4), fmt::format("longitude {:.6f}", *facts.advert->lon));
  }
  if (advert.feat1) table.add(reader.bytes(2), "feature word 1");
  if (advert.feat2) table.add(reader.bytes(2), "feature word 2");
  const bool named = (*advert.flags & 0x80U) != 0;
  table.add(reader.rest(), named ? fmt::format("name \"{}\"", terminal_text(facts.advert->name))
                                 : "further bytes");
}

void add_advert(const Frame& frame, const TransmissionFacts& facts, ByteTable& table) {
  const auto advert = parse_advert(frame.payload);
  if (!advert) return table.add(frame.payload, "too short for an advert");
  table.add(advert->public_key, "public key");
  table.add(advert->timestamp, "sender's clock, " + time_text(advert->timestamp));
  table.add(advert->signature, signature_meaning(facts));
  add_app_data(*advert, facts, table);
}

void add_trace(const Frame& frame, ByteTable& table) {
  const auto trace = parse_trace(frame.payload);
  if (!trace) return table.add(frame.payload, "too short for a trace");
  ByteReader reader(frame.payload);
  table.add(reader.bytes(4), fmt::format("tag {:08x}", trace->tag));
  table.add(reader.bytes(4), fmt::format("authentication code {:08x}", trace->auth_code));
  table.add(reader.bytes(1), fmt::format("flags: bytes per hop {}", trace->hop_size()));
  const std::string hops =
      hops_text(trace->route.first(trace->hop_count() * trace->hop_size()), trace->hop_size());
  table.add(trace->route, "route " + hops, trace->hop_size());
}

/// A fixed field of a payload.
struct Field {
  std::size_t bytes;
  std::string_view meaning;
};

// The fields in a row, then what is left.
void add_fields(const Frame& frame, std::initializer_list<Field> fields, std::string rest,
                ByteTable& table) {
  ByteReader reader(frame.payload);
  for (const Field& field : fields) {
    if (reader.remaining() < field.bytes) return table.add(reader.rest(), "cut short");
    table.add(reader.bytes(field.bytes), std::string(field.meaning));
  }
  table.add(reader.rest(), std::move(rest));
}

void add_group(const Frame& frame, const TransmissionFacts& facts, ByteTable& table) {
  const std::string channel = flat_text(facts.decoded_json, "channel");
  const bool opened = flat_text(facts.decoded_json, "decryptionStatus") == "decrypted";
  add_fields(frame, {{1, "channel hash"}, {2, "MAC"}},
             opened ? fmt::format("sealed, opened with the key of {}", terminal_text(channel))
                    : "sealed, no key of ours opens it",
             table);
}

void add_control(const Frame& frame, const TransmissionFacts& facts, ByteTable& table) {
  const std::string kind = flat_text(facts.decoded_json, "ctrlSubtype");
  const std::string snr = flat_text(facts.decoded_json, "ctrlSNR");
  if (kind == "DISCOVER_REQ")
    return add_fields(frame, {{1, "DISCOVER_REQ"}, {1, "node types wanted"}, {4, "tag"}}, "since",
                      table);
  if (kind == "DISCOVER_RESP" && !snr.empty())
    return add_fields(
        frame, {{1, "DISCOVER_RESP"}, {1, "SNR of the request, in quarters of a dB"}, {4, "tag"}},
        "public key", table);
  add_fields(frame, {{1, "control flags"}}, "content", table);
}

}  // namespace

std::string hops_text(std::span<const std::uint8_t> bytes, std::size_t hop_size) {
  std::string text;
  for (std::size_t at = 0; at + hop_size <= bytes.size(); at += hop_size) {
    if (at > 0) text += " → ";
    text += to_upper_hex(bytes.subspan(at, hop_size));
  }
  return text;
}

void add_payload_rows(const Frame& frame, const TransmissionFacts& facts, ByteTable& table) {
  switch (frame.type) {
    case PayloadType::kRequest:
    case PayloadType::kResponse:
    case PayloadType::kTextMessage:
    case PayloadType::kPath:
      return add_fields(frame, {{1, "to the node"}, {1, "from the node"}, {2, "MAC"}},
                        "sealed between the two", table);
    case PayloadType::kAck:
      return add_fields(frame, {{4, "what is acknowledged"}}, "attempt, random", table);
    case PayloadType::kAnonRequest:
      return add_fields(frame, {{1, "to the node"}, {32, "sender's public key"}, {2, "MAC"}},
                        "sealed between the two", table);
    case PayloadType::kMultipart:
      return add_fields(frame, {{1, "copies to follow, inner type"}}, "inner payload", table);
    case PayloadType::kAdvert:
      return add_advert(frame, facts, table);
    case PayloadType::kTrace:
      return add_trace(frame, table);
    case PayloadType::kGroupText:
    case PayloadType::kGroupData:
      return add_group(frame, facts, table);
    case PayloadType::kControl:
      return add_control(frame, facts, table);
    case PayloadType::kRawCustom:
    case PayloadType::kReserved12:
    case PayloadType::kReserved13:
    case PayloadType::kReserved14:
      return table.add(frame.payload, "opaque");
  }
}

}  // namespace sluice
