// Any bytes as an MQTT record. The first byte of the input chooses the topic, the source and the
// rules, the rest is the payload. What comes out must keep the promises that later stages build on.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "decode/envelope_parser.h"
#include "decode/number_rule.h"
#include "decode/timestamp_parse.h"
#include "fuzz/check.h"

namespace {

using namespace sluice;

constexpr std::array<std::string_view, 9> kTopics = {"meshcore/SJC/AB12/packets",
                                                     "meshcore/SJC/AB12/status",
                                                     "meshcore/message/channel/0",
                                                     "meshcore/client/ab/packets",
                                                     "meshcore/packets",
                                                     "meshcore",
                                                     "meshcore/status",
                                                     "meshcore//BAD /packets",
                                                     "meshcore/message/direct/ab"};

void check_number(std::optional<double> number) {
  FUZZ_CHECK(!number || std::isfinite(*number));
  if (number) static_cast<void>(round_to_integer(*number));
}

void check_packet(const PacketReport& report, std::string_view payload) {
  // U+FFFD takes three bytes and can stand for one.
  FUZZ_CHECK(report.raw.size() + report.origin.size() <= 3 * payload.size());
  FUZZ_CHECK(report.raw.find_first_of(" \r\n") == std::string_view::npos);
  check_number(report.snr);
  check_number(report.rssi);
  check_number(parse_number_text(report.origin));
  static_cast<void>(parse_timestamp(report.timestamp));
  FUZZ_CHECK(report.claimed_hash != 0U);
}

void check_status(const StatusReport& report) {
  check_number(report.noise_floor);
  for (const auto& text : {report.model, report.firmware, report.client_version, report.radio}) {
    FUZZ_CHECK(!text || !text->empty());
  }
}

/// The same JSON with integers that simdjson has room for; the text has 21 digits of them.
std::string with_short_integers(std::string_view json) {
  constexpr std::size_t kMostDigits = 18;
  std::string text;
  std::size_t digits = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    digits = c >= '0' && c <= '9' && !in_string ? digits + 1 : 0;
    if (digits > kMostDigits) continue;
    text += c;
    if (in_string && c == '\\') text += json[++i];
    if (c == '"') in_string = !in_string;
  }
  return text;
}

/// What is stored must be JSON to whatever reads it, SQLite's functions and scripts too, which give
/// up at some depth.
void check_stored_json(std::string_view json) {
  constexpr std::size_t kMostDepth = 100;
  const simdjson::padded_string text(with_short_integers(json));
  simdjson::dom::parser parser;
  FUZZ_CHECK(parser.allocate(text.size(), kMostDepth) == simdjson::SUCCESS);
  simdjson::dom::object object;
  FUZZ_CHECK(parser.parse(text).get(object) == simdjson::SUCCESS);
}

void check_companion(const CompanionMessage& message) {
  FUZZ_CHECK(!message.text.empty());
  FUZZ_CHECK(message.sender.size() <= 49);
  FUZZ_CHECK(message.direct == message.channel.empty());
  check_stored_json(message.decoded_json);
  check_number(message.reception.snr);
}

void check_client(const ClientReport& report) {
  FUZZ_CHECK(report.rx_pubkey.size() >= 2 && report.rx_pubkey.size() <= 64);
  FUZZ_CHECK(std::abs(report.lat) <= 90 && std::abs(report.lon) <= 180);
  check_number(report.snr);
  check_number(report.accuracy_m);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const EnvelopeRules plain;
  static const EnvelopeRules strict{{"bad"}, {"SJC"}, true};
  static const SourceRules filtered{{"SJC"}, "DEF"};
  static const SourceRules open{{}, "DEF"};  // a companion's texts have no region to be let in for
  static EnvelopeParser plain_parser(plain);
  static EnvelopeParser strict_parser(strict);
  if (size == 0) return 0;

  const std::size_t choice = data[0];
  ++data;
  --size;
  // Exactly the padding that is asked for, filled with what would complete a cut record.
  const auto bytes = std::make_unique_for_overwrite<char[]>(size + kJsonPadding);
  std::copy_n(data, size, bytes.get());
  std::fill_n(bytes.get() + size, kJsonPadding, '}');
  const std::string_view payload(bytes.get(), size);

  Arena arena(256);
  const SourceRules& source = choice & 0x40 ? filtered : open;
  EnvelopeParser& parser = choice & 0x80 ? strict_parser : plain_parser;
  const Envelope envelope =
      parser.parse(source, kTopics[(choice & 0x0F) % kTopics.size()], payload, arena);
  if (const auto* report = std::get_if<PacketReport>(&envelope)) {
    check_packet(*report, payload);
  } else if (const auto* said = std::get_if<StatusReport>(&envelope)) {
    check_status(*said);
  } else if (const auto* message = std::get_if<CompanionMessage>(&envelope)) {
    check_companion(*message);
  } else if (const auto* heard = std::get_if<ClientReport>(&envelope)) {
    check_client(*heard);
  } else {
    FUZZ_CHECK(std::get<RejectReason>(envelope) != RejectReason::kNone);
  }
  return 0;
}
