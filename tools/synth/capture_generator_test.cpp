#include "capture_generator.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "base/arena.h"
#include "base/hex.h"
#include "packet/content_hash.h"
#include "packet/payload_decoder.h"
#include "receive/capture_format.h"
#include "receive/line_reader.h"

namespace sluice {
namespace {

SynthOptions small_network(std::uint64_t messages) {
  SynthOptions options;
  options.messages = messages;
  options.observers = 40;
  options.nodes = 200;
  return options;
}

std::string generate(const SynthOptions& options, SynthCounts* counts = nullptr) {
  CaptureGenerator generator(options);
  std::string out;
  while (generator.next(out)) {
  }
  if (counts != nullptr) *counts = generator.counts();
  return out;
}

/// Calls `each` with every record of a capture.
template <typename Each>
void for_each_record(std::string capture, Each&& each) {
  const std::size_t size = capture.size();
  capture.append(LineReader::kPadding, '\0');
  CaptureLineParser parser;
  CaptureRecord record;
  std::string error;
  for (std::size_t at = 0; at < size;) {
    const std::size_t end = capture.find('\n', at);
    ASSERT_TRUE(parser.parse({capture.data() + at, end - at}, record, error)) << error;
    each(record);
    at = end + 1;
  }
}

/// The text of a member that is a string, '' when the record has none.
std::string_view member_of(const CaptureRecord& record, std::string_view name) {
  const std::size_t key = record.payload.find(name);
  if (key == std::string_view::npos) return {};
  const std::size_t open = record.payload.find('"', key + name.size());
  const std::size_t close = record.payload.find('"', open + 1);
  if (close == std::string_view::npos) return {};
  return record.payload.substr(open + 1, close - open - 1);
}

/// Calls `each` with every frame of a capture that has no malformed records, and with the hash that
/// the record claims.
template <typename Each>
void for_each_frame(const std::string& capture, Each&& each) {
  for_each_record(capture, [&](const CaptureRecord& record) {
    const std::string_view raw = member_of(record, "\"raw\":");
    if (raw.empty()) return;
    Arena arena;
    const FrameResult parsed = parse_frame_text(raw, arena);
    ASSERT_TRUE(parsed.ok()) << raw;
    each(parsed.frame, member_of(record, "\"hash\":"));
  });
}

SynthOptions well_formed(std::uint64_t messages) {
  SynthOptions options = small_network(messages);
  options.malformed_ppm = 0;
  return options;
}

TEST(CaptureGenerator, TheSameOptionsMeanTheSameBytes) {
  const SynthOptions options = small_network(20'000);
  EXPECT_TRUE(generate(options) == generate(options));
}

TEST(CaptureGenerator, AnotherSeedMeansOtherBytes) {
  SynthOptions options = small_network(100);
  const std::string first = generate(options);
  options.seed = 2;
  EXPECT_FALSE(first == generate(options));
}

TEST(CaptureGenerator, MoreMessagesContinueTheSameCaptureOnceTheFirstStatusesArePast) {
  SynthOptions options = small_network(5'000);
  const std::string shorter = generate(options);
  options.messages = 6'000;
  EXPECT_TRUE(generate(options).starts_with(shorter));
}

// A change here is fine when it is meant: it says that captures made from a seed are other ones
// than before. It must never differ between two machines.
TEST(CaptureGenerator, TheBytesAreTheSameOnEveryMachine) {
  const std::string capture = generate(small_network(5'000));
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const std::uint8_t*>(capture.data()), capture.size(), digest.data());
  EXPECT_EQ(to_lower_hex(digest),
            "47707215ad46b6212d2ad42379f588df37195b42803dd662582bc76c313c3bd3");
}

TEST(CaptureGenerator, EveryLineParsesAndTimeOnlyGoesOn) {
  SynthCounts counts;
  const std::string capture = generate(small_network(20'000), &counts);
  std::chrono::milliseconds last{0};
  std::uint64_t records = 0;
  for_each_record(capture, [&](const CaptureRecord& record) {
    if (records++ == 0) {
      EXPECT_EQ(record.offset.count(), 0);
    }
    EXPECT_GE(record.offset, last);
    last = record.offset;
  });
  EXPECT_EQ(records, 20'000U);
  EXPECT_EQ(counts.messages, records);
  EXPECT_EQ(counts.observations + counts.statuses + counts.malformed, records);
  // 100 observations per second of network time, within a tenth.
  EXPECT_NEAR(static_cast<double>(counts.observations) / 100,
              std::chrono::duration<double>(last).count(),
              static_cast<double>(counts.observations) / 1000);
}

TEST(CaptureGenerator, SharesAreWhatWasAskedFor) {
  SynthOptions options = small_network(20'000);
  options.status_ppm = 100'000;
  options.malformed_ppm = 50'000;
  SynthCounts counts;
  generate(options, &counts);
  EXPECT_NEAR(static_cast<double>(counts.statuses), 2000, 40);
  EXPECT_NEAR(static_cast<double>(counts.malformed), 1000, 20);
  EXPECT_GT(counts.repeats, 100U);
  EXPECT_GT(counts.sent, 100U);
  const double copies = static_cast<double>(counts.observations - counts.repeats) /
                        static_cast<double>(counts.transmissions);
  EXPECT_GT(copies, 6);
  EXPECT_LT(copies, 10);
}

TEST(CaptureGenerator, NothingButPacketsWhenNothingElseIsWanted) {
  SynthOptions options = small_network(5'000);
  options.status_ppm = 0;
  options.malformed_ppm = 0;
  SynthCounts counts;
  generate(options, &counts);
  EXPECT_EQ(counts.observations, 5'000U);
}

TEST(CaptureGenerator, TheSmallestNetworkWorks) {
  SynthOptions options;
  options.messages = 1'000;
  options.observers = options.nodes = options.copies = options.rate = 1;
  options.channels = 0;
  SynthCounts counts;
  generate(options, &counts);
  EXPECT_EQ(counts.messages, 1'000U);
}

TEST(CaptureGenerator, ADurationEndsTheCapture) {
  SynthOptions options = small_network(0);
  options.duration = std::chrono::seconds(30);
  SynthCounts counts;
  for_each_record(generate(options, &counts), [](const CaptureRecord& record) {
    EXPECT_LT(record.offset, std::chrono::seconds(30));
  });
  EXPECT_NEAR(static_cast<double>(counts.observations), 3000, 400);
}

TEST(CaptureGenerator, EveryFrameParsesAndHasTheHashItsRecordClaims) {
  SynthCounts counts;
  const std::string capture = generate(well_formed(20'000), &counts);
  ContentHasher hasher;
  std::uint64_t frames = 0;
  for_each_frame(capture, [&](const Frame& frame, std::string_view claimed) {
    ++frames;
    EXPECT_EQ(fmt::format("{:016X}", hasher.hash(frame)), claimed);
  });
  EXPECT_EQ(frames, counts.observations);
}

TEST(CaptureGenerator, AdvertsAreSignedButForTheOnesThatAreCounted) {
  SynthCounts counts;
  const std::string capture = generate(well_formed(20'000), &counts);
  PayloadDecoder decoder(std::make_shared<ChannelKeyRing>(std::vector<ChannelSecret>{}), true);
  std::map<RejectReason, std::uint64_t> verdicts;
  for_each_frame(capture, [&](const Frame& frame, std::string_view) {
    if (frame.type == PayloadType::kAdvert) ++verdicts[decoder.decode(frame).verdict];
  });
  EXPECT_GT(verdicts[RejectReason::kNone], 1000U);
  EXPECT_GT(counts.badly_signed, 0U);
  EXPECT_EQ(verdicts[RejectReason::kAdvertBadSignature], counts.badly_signed);
  EXPECT_EQ(verdicts[RejectReason::kAdvertCorrupted], 0U);
}

TEST(CaptureGenerator, GroupTextsOpenWithTheChannelsTheConfigFragmentNames) {
  CaptureGenerator generator(well_formed(20'000));
  std::string capture;
  while (generator.next(capture)) {
  }
  std::vector<ChannelSecret> channels = {{"Public", "8b3387e9c5cdea6ac9e5edbaa115cd72"}};
  for (const MeshChannel& channel : generator.network().channels) {
    if (!channel.name.starts_with('#')) continue;
    channels.push_back({channel.name, to_lower_hex(secret_of_name(channel.name))});
  }
  PayloadDecoder decoder(std::make_shared<ChannelKeyRing>(channels), true);
  std::map<std::string, int> texts;
  for_each_frame(capture, [&](const Frame& frame, std::string_view) {
    if (frame.type == PayloadType::kGroupText) ++texts[decoder.decode(frame).channel_hash.value()];
  });
  EXPECT_GT(texts["Public"], 100);
  EXPECT_GT(texts["#test"], 10);
  const bool some_unknown = std::any_of(texts.begin(), texts.end(), [](const auto& entry) {
    return entry.first.starts_with("enc_");
  });
  EXPECT_TRUE(some_unknown);
}

TEST(CaptureGenerator, EveryPayloadTypeAndRouteOccurs) {
  std::map<PayloadType, int> types;
  std::map<RouteType, int> routes;
  std::map<int, int> hash_sizes;
  for_each_frame(generate(well_formed(50'000)), [&](const Frame& frame, std::string_view) {
    ++types[frame.type];
    ++routes[frame.route];
    ++hash_sizes[frame.hash_size];
  });
  EXPECT_EQ(types.size(), 14U);
  EXPECT_EQ(routes.size(), 4U);
  EXPECT_EQ(hash_sizes.size(), 3U);
}

}  // namespace
}  // namespace sluice
