// Everything that is done to a packet from the air, on any bytes. The first byte of the input picks
// how the rest is taken, so that the inside of a sealed packet is reached too:
//
//   0  the bytes on air
//   1  the hex text of an observer's record
//   2  what a channel's member seals as GRP_TXT     3  ... as GRP_DATA
//   4  app data of an advert (not signed)

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include <simdjson.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "fuzz/check.h"
#include "packet/content_hash.h"
#include "packet/crypto/region_scope.h"
#include "packet/describe.h"
#include "packet/path_json.h"
#include "packet/payload_decoder.h"
#include "unit/packet/packet_builder.h"

namespace {

using namespace sluice;
using test::operator+;

constexpr char kKey[] = "9cd8fcf22a47333b591d96a2b848b73f";

/// What a worker keeps from packet to packet.
struct Tools {
  std::shared_ptr<const ChannelKeyRing> ring = std::make_shared<const ChannelKeyRing>(
      std::vector<ChannelSecret>{{"public", "8b3387e9c5cdea6ac9e5edbaa115cd72"}, {"#test", kKey}});
  PayloadDecoder validating{ring, true};
  PayloadDecoder trusting{ring, false};
  RegionKeys regions{{"europe", "pnw"}};
  ContentHasher hasher;
  simdjson::dom::parser parser;
};

Tools& tools() {
  static Tools instance;
  return instance;
}

void check_json(std::string_view json) {
  FUZZ_CHECK(is_valid_utf8(json));
  FUZZ_CHECK(tools().parser.parse(json.data(), json.size()).error() == simdjson::SUCCESS);
}

void check_facts(const Frame& frame, const TransmissionFacts& facts) {
  check_json(facts.decoded_json);
  FUZZ_CHECK(facts.advert.has_value() == facts.from_pubkey.has_value());
  FUZZ_CHECK((facts.verdict == RejectReason::kNone) == facts.verdict_detail.empty());
  FUZZ_CHECK(!facts.channel_hash || frame.type == PayloadType::kGroupText);
  if (!facts.advert) return;
  FUZZ_CHECK(is_valid_utf8(facts.advert->name));
  FUZZ_CHECK(facts.advert->name.size() <= kMaxNodeNameBytes);
  FUZZ_CHECK(facts.advert->pubkey.size() == 64);
}

void check_text(std::string_view raw) {
  check_json(packet_as_json(raw, tools().trusting, &tools().regions));
  const std::string words = describe_packet(raw, tools().trusting, &tools().regions, false);
  FUZZ_CHECK(is_valid_utf8(words));
  for (const char c : words) FUZZ_CHECK(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

void check_frame(std::span<const std::uint8_t> bytes) {
  const FrameResult result = parse_frame(bytes);
  FUZZ_CHECK(result.error_offset <= bytes.size());
  if (!result.ok()) return;
  const Frame& frame = result.frame;
  FUZZ_CHECK(frame.payload.size() <= kMaxPayloadBytes);
  FUZZ_CHECK(frame.path.size() == std::size_t{frame.hash_size} * frame.hash_count);
  Arena arena(64);
  check_json(path_json(frame, arena));
  FUZZ_CHECK(tools().hasher.hash(frame) == tools().hasher.hash(frame));
  FUZZ_CHECK(tools().regions.match(frame).has_value() || !frame.transport_codes ||
             ((*frame.transport_codes)[0] == 0 && (*frame.transport_codes)[1] == 0));
  const TransmissionFacts facts = tools().validating.decode(frame);
  check_facts(frame, facts);
  FUZZ_CHECK(tools().validating.decode(frame).decoded_json == facts.decoded_json);
}

test::Bytes first_bytes(std::span<const std::uint8_t> bytes, std::size_t most) {
  const auto part = bytes.first(std::min(bytes.size(), most));
  return {part.begin(), part.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostSealed = 176;  // whole blocks that fit into a payload
  if (size == 0) return 0;
  const std::span<const std::uint8_t> rest(data + 1, size - 1);
  test::Bytes built;
  switch (data[0] % 5) {
    case 0:
      check_frame(rest);
      check_text(to_lower_hex(rest));
      return 0;
    case 1:
      check_text({reinterpret_cast<const char*>(rest.data()), rest.size()});
      return 0;
    case 2:
      built = test::flood(PayloadType::kGroupText,
                          test::seal_for_channel(kKey, first_bytes(rest, kMostSealed)));
      break;
    case 3:
      built = test::flood(PayloadType::kGroupData,
                          test::seal_for_channel(kKey, first_bytes(rest, kMostSealed)));
      break;
    default:
      built = test::flood(PayloadType::kAdvert, test::Bytes(100, 7) + first_bytes(rest, 84));
  }
  check_frame(built);
  check_text(to_lower_hex(built));
  return 0;
}
