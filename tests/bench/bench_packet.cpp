// What a packet costs between the hex text of a record and the writer.
//
//   hex text ─▶ frame ─▶ content hash ─▶ path_json ─▶ scope        every copy (decode)
//                  └───▶ payload: JSON, signature, channel keys     first copies only (dedup)

#include <benchmark/benchmark.h>

#include "base/hex.h"
#include "packet/content_hash.h"
#include "packet/crypto/region_scope.h"
#include "packet/path_json.h"
#include "packet/payload_decoder.h"
#include "unit/packet/golden_file.h"
#include "unit/packet/packet_builder.h"

namespace sluice {
namespace {

using test::Bytes;
using test::operator+;

constexpr char kTestKey[] = "9cd8fcf22a47333b591d96a2b848b73f";

// The configured channels of a large network; the one that fits is among them.
std::shared_ptr<const ChannelKeyRing> ring_of(int channels) {
  std::vector<ChannelSecret> secrets = {{"#test", kTestKey}};
  while (static_cast<int>(secrets.size()) < channels) {
    const std::string name = "#channel-" + std::to_string(secrets.size());
    secrets.push_back({name, key_hex_from_name(name)});
  }
  return std::make_shared<const ChannelKeyRing>(secrets);
}

Bytes chat_message() {
  const auto body = test::group_text_body(1767225630, "Alice: has anybody heard the new repeater?");
  return test::flood(PayloadType::kGroupText, test::seal_for_channel(kTestKey, body));
}

Bytes repeater_advert() {
  const Bytes app_data =
      Bytes{0x92, 0xc2, 0x83, 0xde, 0x02, 0x56, 0xa0, 0xb0, 0x00} + test::bytes_of("Hilltop <R&D>");
  return test::flood(PayloadType::kAdvert, test::signed_advert(1, 1767225600, app_data));
}

Bytes sealed(PayloadType type) { return test::flood(type, Bytes(68, 0x5a)); }

// Whole blocks under a hash byte that some of the configured channels have, so that their MACs are
// tried, and none fits.
Bytes foreign_group(PayloadType type) {
  constexpr std::size_t kCipherBytes = 64;
  const auto ring = ring_of(300);
  std::uint8_t hash_byte = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const auto candidate = static_cast<std::uint8_t>(byte);
    if (ring->candidates(candidate).size() > ring->candidates(hash_byte).size())
      hash_byte = candidate;
  }
  return test::flood(type, Bytes{hash_byte, 0x5a, 0x5a} + Bytes(kCipherBytes, 0x5a));
}

Bytes group_data() {
  const Bytes body = Bytes{0x10, 0x01, 60} + Bytes(60, 0x42);
  return test::flood(PayloadType::kGroupData, test::seal_for_channel(kTestKey, body));
}

Bytes trace() { return test::unhex("260431f2080c44332211bebafeca00aabbccddee"); }

// A record of 3 hops and 64 bytes of payload, as most are.
void BM_FrameAndHash(benchmark::State& state) {
  const std::string hex = "0d03aabbcc" + to_lower_hex(Bytes(64, 0x42));
  ContentHasher hasher;
  Arena arena(1024);
  for (auto _ : state) {
    const FrameResult parsed = parse_frame_text(hex, arena);
    arena.give_back(hex.size() / 2);
    benchmark::DoNotOptimize(hasher.hash(parsed.frame));
  }
}
BENCHMARK(BM_FrameAndHash);

void BM_PathJson(benchmark::State& state) {
  const Bytes bytes = test::unhex("0d03aabbcc11223344");
  const Frame frame = parse_frame(bytes).frame;
  Arena arena(1024);
  for (auto _ : state) {
    const std::string_view text = path_json(frame, arena);
    benchmark::DoNotOptimize(text.data());
    arena.give_back(text.size());
  }
}
BENCHMARK(BM_PathJson);

void BM_Scope(benchmark::State& state) {
  const Bytes bytes = test::unhex("14ecb2000000112a6016aae925d78965ba02cd227a61af4527");
  const Frame frame = parse_frame(bytes).frame;
  std::vector<std::string> names;
  for (int i = 1; i < state.range(0); ++i) names.push_back("region-" + std::to_string(i));
  names.emplace_back("europe");
  const RegionKeys regions(names);
  for (auto _ : state) benchmark::DoNotOptimize(regions.match(frame));
}
BENCHMARK(BM_Scope)->Arg(1)->Arg(10)->Arg(100);

void BM_Payload(benchmark::State& state, const Bytes& bytes, bool validate, int channels) {
  PayloadDecoder decoder(ring_of(channels), validate);
  const Frame frame = parse_frame(bytes).frame;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(frame));
}
BENCHMARK_CAPTURE(BM_Payload, Sealed, sealed(PayloadType::kTextMessage), true, 1);
BENCHMARK_CAPTURE(BM_Payload, Ack, test::flood(PayloadType::kAck, Bytes(6, 1)), true, 1);
BENCHMARK_CAPTURE(BM_Payload, AnonRequest, sealed(PayloadType::kAnonRequest), true, 1);
BENCHMARK_CAPTURE(BM_Payload, Trace, trace(), true, 1);
BENCHMARK_CAPTURE(BM_Payload, Multipart, test::unhex("2a016113f87c0ce0"), true, 1);
BENCHMARK_CAPTURE(BM_Payload, Control, test::unhex("2e008004d4c3b2a100b95569"), true, 1);
BENCHMARK_CAPTURE(BM_Payload, RawCustom, sealed(PayloadType::kRawCustom), true, 1);
BENCHMARK_CAPTURE(BM_Payload, AdvertTrusted, repeater_advert(), false, 1);
BENCHMARK_CAPTURE(BM_Payload, AdvertVerified, repeater_advert(), true, 1);
BENCHMARK_CAPTURE(BM_Payload, GroupTextOf300Channels, chat_message(), true, 300);
BENCHMARK_CAPTURE(BM_Payload, GroupTextForeign, foreign_group(PayloadType::kGroupText), true, 300);
BENCHMARK_CAPTURE(BM_Payload, GroupDataOf300Channels, group_data(), true, 300);
BENCHMARK_CAPTURE(BM_Payload, GroupDataForeign, foreign_group(PayloadType::kGroupData), true, 300);

void BM_AdvertSignature(benchmark::State& state) {
  const Bytes bytes = repeater_advert();
  const auto advert = parse_advert(parse_frame(bytes).frame.payload);
  for (auto _ : state) benchmark::DoNotOptimize(has_valid_signature(*advert));
}
BENCHMARK(BM_AdvertSignature);

void BM_Hmac(benchmark::State& state) {
  const HmacPads pads(key_from_name("#test"));
  const Bytes message(64, 0x42);
  for (auto _ : state) benchmark::DoNotOptimize(pads.digest(message));
}
BENCHMARK(BM_Hmac);

void BM_KeyRing(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ring_of(300));
}
BENCHMARK(BM_KeyRing)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sluice

BENCHMARK_MAIN();
