// What one record costs a decode worker before its frame is looked at:
//
//   topic + payload ──▶ EnvelopeParser ──▶ Envelope
//
// Each case parses one record again and again, so caches and branch predictors are warm: read the
// figures as ratios.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "decode/envelope_parser.h"

namespace sluice {
namespace {

constexpr std::string_view kPackets =
    "meshcore/SJC/A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037/packets";
constexpr std::string_view kStatus =
    "meshcore/SJC/A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037/status";

constexpr std::string_view kPacketRecord =
    R"({"origin":"Hilltop",)"
    R"("origin_id":"A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037",)"
    R"("timestamp":"2026-06-09T12:00:00.123456+00:00","type":"PACKET","direction":"rx",)"
    R"("time":"11:59:59","date":"9/6/2026","len":"39","packet_type":"5","route":"F",)"
    R"("payload_len":"35","raw":"15021020112AF5662A069BC640EB98F5A17F58129118A4DFECE48F44745E4C65)"
    R"(4974F8C1EDABC1","SNR":"9","RSSI":"-87","score":"1000","duration":"412",)"
    R"("hash":"E33490EF7C14B041"})";

constexpr std::string_view kStatusRecord =
    R"({"status":"online","timestamp":"2026-06-09T12:00:00+00:00","origin":"Hilltop",)"
    R"("origin_id":"A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037",)"
    R"("model":"Heltec V3","firmware_version":"v1.17.1","radio":"869.618,62.5,8,8",)"
    R"("client_version":"meshcoretomqtt/1.1","repeat":"on","stats":{"battery_mv":4123,)"
    R"("uptime_secs":86400,"queue_len":0,"noise_floor":-117,"tx_air_secs":60,)"
    R"("rx_air_secs":1200,"recv_errors":3}})";

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out(text);
  return out.replace(out.find(what), what.size(), with);
}

void parse_records(benchmark::State& state, std::string_view topic, std::string_view record) {
  const EnvelopeRules rules;
  const SourceRules source;
  EnvelopeParser parser(rules);
  std::string padded(record);
  padded.append(kJsonPadding, '\0');
  const std::string_view payload(padded.data(), record.size());
  auto arena = std::make_unique<Arena>();
  std::size_t in_arena = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.parse(source, topic, payload, *arena));
    if (++in_arena == 256) {  // a batch's worth
      arena = std::make_unique<Arena>();
      in_arena = 0;
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(record.size()));
}

void Packet(benchmark::State& state) { parse_records(state, kPackets, kPacketRecord); }
void Status(benchmark::State& state) { parse_records(state, kStatus, kStatusRecord); }

/// By way of the repaired copy.
void PacketWithBadUtf8(benchmark::State& state) {
  parse_records(state, kPackets, replaced(kPacketRecord, "Hilltop", "Hill\xFFop"));
}

void PacketCutShort(benchmark::State& state) {
  parse_records(state, kPackets, kPacketRecord.substr(0, kPacketRecord.size() - 1));
}

void PacketOfAnIgnoredTopic(benchmark::State& state) {
  parse_records(state, "meshcore/status", kPacketRecord);
}

BENCHMARK(Packet);
BENCHMARK(Status);
BENCHMARK(PacketWithBadUtf8);
BENCHMARK(PacketCutShort);
BENCHMARK(PacketOfAnIgnoredTopic);

}  // namespace
}  // namespace sluice

BENCHMARK_MAIN();
