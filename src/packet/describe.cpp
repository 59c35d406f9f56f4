#include "packet/describe.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/hex.h"
#include "packet/content_hash.h"
#include "packet/describe/byte_table.h"
#include "packet/describe/flat_json.h"
#include "packet/describe/payload_rows.h"
#include "packet/json_text.h"
#include "packet/path_json.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

std::string hash_text(const Frame& frame) {
  std::array<char, 16> text;
  content_hash_text(ContentHasher().hash(frame), text.data());
  return {text.data(), text.size()};
}

std::string_view route_words(RouteType route) noexcept {
  constexpr std::array<std::string_view, 4> kWords = {"scoped flood", "flood", "direct",
                                                      "scoped direct"};
  return kWords[static_cast<std::size_t>(route)];
}

std::string path_words(const Frame& frame) {
  if (frame.hash_size > 3) return "hashes of 4 bytes are reserved";
  const std::size_t path_bytes = std::size_t{frame.hash_size} * frame.hash_count;
  if (path_bytes > kMaxPathBytes)
    return fmt::format("a path of {}, {} is the most", counted(path_bytes, "byte"), kMaxPathBytes);
  if (frame.hash_count == 0)
    return is_flood(frame.route) ? "no hops yet: heard from its sender" : "no hops: to a neighbour";
  return fmt::format("{} of {}", counted(frame.hash_count, "hop"),
                     counted(frame.hash_size, "byte"));
}

std::string path_meaning(const Frame& frame) {
  if (frame.type == PayloadType::kTrace && frame.hash_size == 1) {
    std::string text = "SNR at each hop, dB:";
    for (const std::uint8_t byte : frame.path)
      text += fmt::format(" {:g}", static_cast<std::int8_t>(byte) / kSnrStepsPerDb);
    return text;
  }
  const std::string hops = hops_text(frame.path, frame.hash_size);
  return hops + (is_flood(frame.route) ? "  (the last was heard)" : "  (the first is next)");
}

std::string scope_words(const Frame& frame, const RegionKeys* regions) {
  if (regions == nullptr) return "transport codes";
  const auto scope = regions->match(frame);
  if (!scope) return "transport codes, no scope";
  if (scope->empty()) return "transport codes, of a region that is not configured";
  return fmt::format("transport codes, scope {}", terminal_text(*scope));
}

// Rows for as much of the frame as there is.
void add_frame_rows(std::span<const std::uint8_t> bytes, const Frame& frame,
                    const RegionKeys* regions, ByteTable& table) {
  if (bytes.empty()) return;
  table.add(bytes.first(1), fmt::format("{}, {}, version {}", route_words(frame.route),
                                        to_string(frame.type), frame.version));
  if (frame.version != 0)
    table.add_fault(0, "firmware knows version 0 alone and drops this; it is read as if it were 0");
  std::size_t at = 1;
  if (frame.transport_codes) {
    table.add(bytes.subspan(at, kTransportCodeBytes), scope_words(frame, regions), 2);
    at += kTransportCodeBytes;
  } else if (has_transport_codes(frame.route)) {
    return table.add(bytes.subspan(at), "beginning of the transport codes");
  }
  if (at >= bytes.size()) return;
  table.add(bytes.subspan(at, 1), path_words(frame));
  if (frame.path.data() == nullptr)
    table.add(bytes.subspan(at + 1), "the rest");
  else
    table.add(frame.path, path_meaning(frame), frame.hash_size);
}

std::string headline(const Frame& frame, const TransmissionFacts& facts) {
  std::string text(to_string(frame.type));
  if (facts.advert) {
    text += fmt::format(" of {} \"{}\"", facts.advert->role, terminal_text(facts.advert->name));
  } else if (const std::string channel = flat_text(facts.decoded_json, "channel");
             !channel.empty()) {
    text += fmt::format(" on {}", terminal_text(channel));
    const std::string words = flat_text(facts.decoded_json, "text");
    if (!words.empty()) text += fmt::format(": {}", terminal_text(words));
  }
  return text;
}

std::string verdict_line(const TransmissionFacts& facts, const std::vector<ByteFault>& faults,
                         const Painter& paint) {
  std::string text;
  if (facts.verdict == RejectReason::kNone)
    text = paint(Tone::kGood, "accepted");
  else
    text = paint(Tone::kBad, "refused: " + facts.verdict_detail);
  if (!facts.anomaly.empty()) text += paint(Tone::kBad, "  odd: " + facts.anomaly);
  for (const ByteFault& fault : faults)
    text += paint(Tone::kBad, fmt::format("  fault at byte {}", fault.offset));
  return text;
}

std::string stored_fields(const TransmissionFacts& facts, const Painter& paint) {
  const auto fields = flat_fields(facts.decoded_json);
  std::size_t widest = 0;
  for (const FlatField& field : fields) widest = std::max(widest, field.key.size());
  std::string out;
  for (const FlatField& field : fields) {
    out += "       " + paint(Tone::kFaint, fmt::format("{:<{}}", field.key, widest)) + "  ";
    out += terminal_text(field.text()) + '\n';
  }
  return out;
}

std::string describe_good(const Frame& frame, PayloadDecoder& decoder, const RegionKeys* regions,
                          const Painter& paint) {
  const TransmissionFacts facts = decoder.decode(frame);
  ByteTable table(frame.bytes);
  add_frame_rows(frame.bytes, frame, regions, table);
  add_payload_rows(frame, facts, table);
  return fmt::format("{}\n{}, hash {}, {}\n\n{}\n  {}\n{}",
                     paint(Tone::kTitle, headline(frame, facts)),
                     counted(frame.bytes.size(), "byte"), hash_text(frame),
                     verdict_line(facts, table.faults(), paint), table.render(paint),
                     paint(Tone::kTitle, "stored as"), stored_fields(facts, paint));
}

// The text itself, with a mark under the character that is no hex digit.
std::string point_at_bad_digit(std::string_view hex, const Painter& paint) {
  constexpr std::size_t kContext = 30;
  const auto bad =
      std::find_if(hex.begin(), hex.end(), [](char c) { return hex_digit_value(c) < 0; });
  const auto at = static_cast<std::size_t>(bad - hex.begin());
  const std::size_t from = at > kContext ? at - kContext : 0;
  const std::string before(hex.substr(from, at - from));  // hex digits: as wide as it is long
  return fmt::format("\n  {}{}\n  {}{}\n", before, terminal_text(hex.substr(at, kContext)),
                     std::string(before.size(), ' '),
                     paint(Tone::kBad, fmt::format("^ in byte {}", at / 2)));
}

std::string describe_bad(std::string_view hex, const FrameResult& parsed, const RegionKeys* regions,
                         const Painter& paint) {
  std::string out = paint(Tone::kBad, "not a packet: " + describe_frame_error(hex)) + '\n';
  if (parsed.error == RejectReason::kBadHex) return out + point_at_bad_digit(hex, paint);
  const auto bytes = parsed.frame.bytes;
  ByteTable table(bytes);
  add_frame_rows(bytes, parsed.frame, regions, table);
  table.add_fault(parsed.error_offset, parsed.error_offset < hex.size() / 2
                                           ? "this is where it goes wrong"
                                           : "here it ends, and something is missing");
  return out + '\n' + table.render(paint);
}

// null: not scoped. An empty text: scoped, but to no region of ours.
void write_scope(std::optional<std::string_view> scope, JsonWriter& json) {
  std::string text = "null";
  if (scope) {
    text.clear();
    append_json_string(text, *scope);
  }
  json.raw("scope", text);
}

void write_faults(const std::vector<ByteFault>& faults, JsonWriter& json) {
  if (faults.empty()) return;
  std::string list;
  for (const ByteFault& fault : faults) {
    list += list.empty() ? '[' : ',';
    JsonWriter one(list);
    one.integer("offset", static_cast<std::int64_t>(fault.offset));
    one.text("what", fault.what);
    one.finish();
  }
  json.raw("faults", list + ']');
}

void write_frame_keys(const Frame& frame, const RegionKeys* regions, JsonWriter& json) {
  Arena arena(1024);
  json.integer("bytes", static_cast<std::int64_t>(frame.bytes.size()));
  json.text("hash", hash_text(frame));
  json.text("route", to_string(frame.route));
  json.integer("routeType", static_cast<std::int64_t>(frame.route));
  json.text("type", to_string(frame.type));
  json.integer("payloadType", static_cast<std::int64_t>(frame.type));
  json.integer("version", frame.version);
  if (frame.transport_codes) json.upper_hex("transportCodes", *frame.transport_codes);
  if (regions != nullptr) write_scope(regions->match(frame), json);
  json.integer("hashSize", frame.hash_size);
  json.integer("hashCount", frame.hash_count);
  json.raw("path", path_json(frame, arena));
  json.integer("payloadBytes", static_cast<std::int64_t>(frame.payload.size()));
}

}  // namespace

std::string describe_packet(std::string_view raw, PayloadDecoder& decoder,
                            const RegionKeys* regions, bool colour) {
  const std::string hex = strip_frame_text(raw);
  const Painter paint(colour);
  Arena arena;
  const FrameResult parsed = parse_frame_text(hex, arena);
  if (!parsed.ok()) return describe_bad(hex, parsed, regions, paint);
  return describe_good(parsed.frame, decoder, regions, paint);
}

std::string packet_as_json(std::string_view raw, PayloadDecoder& decoder,
                           const RegionKeys* regions) {
  const std::string hex = strip_frame_text(raw);
  Arena arena;
  const FrameResult parsed = parse_frame_text(hex, arena);
  std::string out;
  JsonWriter json(out);
  json.flag("valid", parsed.ok());
  if (!parsed.ok()) {
    json.text("error", describe_frame_error(hex));
    json.text("reason", to_string(parsed.error));
    json.integer("offset", static_cast<std::int64_t>(parsed.error_offset));
  } else {
    const TransmissionFacts facts = decoder.decode(parsed.frame);
    write_frame_keys(parsed.frame, regions, json);
    json.raw("decoded", facts.decoded_json);
    json.flag("accepted", facts.verdict == RejectReason::kNone);
    json.text("refusedBecause", facts.verdict_detail);
    json.text("anomaly", facts.anomaly);
    ByteTable table(parsed.frame.bytes);
    add_frame_rows(parsed.frame.bytes, parsed.frame, regions, table);
    add_payload_rows(parsed.frame, facts, table);
    write_faults(table.faults(), json);
  }
  json.finish();
  return out;
}

}  // namespace sluice
