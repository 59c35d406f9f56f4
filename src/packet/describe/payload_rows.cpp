#include "packet/describe/payload_rows.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "packet/describe/advert_rows.h"
#include "packet/describe/flat_json.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

constexpr std::size_t kCipherBlock = 16;

/// Bytes that must be there, cut off the front. False, and a fault, when they are not.
bool add_field(ByteReader& reader, std::size_t size, std::string_view meaning, ByteTable& table) {
  const std::size_t there = reader.remaining();
  if (there >= size) {
    table.add(reader.bytes(size), std::string(meaning));
    return true;
  }
  table.add(reader.rest(), fmt::format("beginning of: {}", meaning));
  table.add_missing(there == 0
                        ? fmt::format("and this is missing: {}", meaning)
                        : fmt::format("{} short of: {}", counted(size - there, "byte"), meaning));
  return false;
}

/// A fixed field of a payload.
struct Field {
  std::size_t bytes;
  std::string_view meaning;
};

bool add_fields(ByteReader& reader, std::initializer_list<Field> fields, ByteTable& table) {
  for (const Field& field : fields)
    if (!add_field(reader, field.bytes, field.meaning, table)) return false;
  return true;
}

void add_sealed(std::span<const std::uint8_t> cipher, std::string meaning, ByteTable& table) {
  table.add(cipher, std::move(meaning));
  const std::size_t whole = cipher.size() / kCipherBlock * kCipherBlock;
  if (cipher.empty())
    table.add_missing("and nothing is sealed");
  else if (whole < cipher.size())
    table.add_fault(cipher.subspan(whole),
                    fmt::format("sealed bytes come in blocks of {}: {} are "
                                "missing, and nobody can open the rest",
                                kCipherBlock, whole + kCipherBlock - cipher.size()));
}

void add_between_two(ByteReader reader, ByteTable& table) {
  if (add_fields(reader, {{1, "to the node"}, {1, "from the node"}, {2, "MAC"}}, table))
    add_sealed(reader.rest(), "sealed between the two", table);
}

void add_anon_request(ByteReader reader, ByteTable& table) {
  if (add_fields(reader, {{1, "to the node"}, {32, "sender's public key"}, {2, "MAC"}}, table))
    add_sealed(reader.rest(), "sealed between the two", table);
}

void add_ack(ByteReader reader, ByteTable& table) {
  if (add_field(reader, 4, "what is acknowledged", table))
    table.add(reader.rest(), "attempt, random");
}

void add_trace(const Frame& frame, ByteTable& table) {
  ByteReader reader(frame.payload);
  const auto trace = parse_trace(frame.payload);
  if (!trace) {
    static_cast<void>(
        add_fields(reader, {{4, "tag"}, {4, "authentication code"}, {1, "flags"}}, table));
    return;
  }
  table.add(reader.bytes(4), fmt::format("tag {:08x}", trace->tag));
  table.add(reader.bytes(4), fmt::format("authentication code {:08x}", trace->auth_code));
  table.add(reader.bytes(1), fmt::format("flags: bytes per hop {}", trace->hop_size()));
  const auto whole = trace->route.first(trace->hop_count() * trace->hop_size());
  table.add(whole, "route " + hops_text(whole, trace->hop_size()), trace->hop_size());
  const auto odd = trace->route.subspan(whole.size());
  table.add(odd, "beginning of a hop");
  if (!odd.empty())
    table.add_missing(
        fmt::format("{} short of a hop", counted(trace->hop_size() - odd.size(), "byte")));
}

void add_group(ByteReader reader, const TransmissionFacts& facts, ByteTable& table) {
  const std::string channel = flat_text(facts.decoded_json, "channel");
  const bool opened = flat_text(facts.decoded_json, "decryptionStatus") == "decrypted";
  if (!add_fields(reader, {{1, "channel hash"}, {2, "MAC"}}, table)) return;
  const auto cipher = reader.rest();
  add_sealed(cipher,
             opened ? fmt::format("sealed, opened with the key of {}", terminal_text(channel))
                    : "sealed, no key of ours opens it",
             table);
  if (opened && !flat_text(facts.decoded_json, "error").empty())
    table.add_fault(cipher, "what is sealed claims more data than there is");
}

void add_multipart(ByteReader reader, const TransmissionFacts& facts, ByteTable& table) {
  if (!add_field(reader, 1, "copies to follow, inner type", table)) return;
  if (flat_text(facts.decoded_json, "innerTypeName") != "ACK")
    return table.add(reader.rest(), "inner payload");
  add_ack(reader, table);
}

void add_control(ByteReader reader, const TransmissionFacts& facts, ByteTable& table) {
  const std::string kind = flat_text(facts.decoded_json, "ctrlSubtype");
  if (kind == "DISCOVER_REQ") {
    if (!add_fields(reader, {{1, "DISCOVER_REQ"}, {1, "node types wanted"}, {4, "tag"}}, table))
      return;
    if (reader.remaining() > 0 && add_field(reader, 4, "since", table))
      table.add(reader.rest(), "further bytes");
  } else if (kind == "DISCOVER_RESP") {
    if (!add_fields(
            reader,
            {{1, "DISCOVER_RESP"}, {1, "SNR of the request, in quarters of a dB"}, {4, "tag"}},
            table))
      return;
    const bool prefix = reader.remaining() < 32 && reader.remaining() >= 8;
    if (add_field(reader, prefix ? 8 : 32, prefix ? "beginning of the public key" : "public key",
                  table))
      table.add(reader.rest(), "further bytes");
  } else if (add_field(reader, 1, "control flags", table)) {
    table.add(reader.rest(), "content");
  }
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
  const ByteReader payload(frame.payload);
  switch (frame.type) {
    case PayloadType::kRequest:
    case PayloadType::kResponse:
    case PayloadType::kTextMessage:
    case PayloadType::kPath:
      return add_between_two(payload, table);
    case PayloadType::kAck:
      return add_ack(payload, table);
    case PayloadType::kAnonRequest:
      return add_anon_request(payload, table);
    case PayloadType::kMultipart:
      return add_multipart(payload, facts, table);
    case PayloadType::kAdvert:
      return add_advert_rows(frame, facts, table);
    case PayloadType::kTrace:
      return add_trace(frame, table);
    case PayloadType::kGroupText:
    case PayloadType::kGroupData:
      return add_group(payload, facts, table);
    case PayloadType::kControl:
      return add_control(payload, facts, table);
    case PayloadType::kRawCustom:
    case PayloadType::kReserved12:
    case PayloadType::kReserved13:
    case PayloadType::kReserved14:
      return table.add(frame.payload, "opaque");
  }
}

}  // namespace sluice
