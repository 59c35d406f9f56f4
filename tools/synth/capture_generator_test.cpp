#include "capture_generator.h"

#include <map>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "base/hex.h"
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

/// The frame of a record, when it has one that is hex.
std::vector<std::uint8_t> frame_of(const CaptureRecord& record) {
  const std::size_t key = record.payload.find("\"raw\":");
  if (key == std::string_view::npos) return {};
  const std::size_t open = record.payload.find('"', key + 6);
  const std::size_t close = record.payload.find('"', open + 1);
  if (close == std::string_view::npos) return {};
  std::vector<std::uint8_t> frame((close - open - 1) / 2);
  if (!decode_hex(record.payload.substr(open + 1, close - open - 1), frame)) return {};
  return frame;
}

/// The payload of an advert that has everything, else nothing.
std::optional<std::span<const std::uint8_t>> advert_of(std::span<const std::uint8_t> frame) {
  if (frame.size() < 106 || (frame[0] >> 2 & 15) != 4) return std::nullopt;
  const bool coded = (frame[0] & 3) == 0 || (frame[0] & 3) == 3;
  const std::size_t path_at = coded ? 5 : 1;
  const std::size_t path = ((frame[path_at] >> 6) + 1U) * (frame[path_at] & 63U);
  if (frame.size() < path_at + 1 + path + 100) return std::nullopt;
  return frame.subspan(path_at + 1 + path);
}

bool signature_holds(std::span<const std::uint8_t> advert) {
  std::vector<std::uint8_t> message(advert.begin(), advert.begin() + 36);
  message.insert(message.end(), advert.begin() + 100, advert.end());
  return crypto_sign_verify_detached(advert.data() + 36, message.data(), message.size(),
                                     advert.data()) == 0;
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

TEST(CaptureGenerator, AdvertsAreSignedButForTheOnesThatAreCounted) {
  SynthOptions options = small_network(20'000);
  options.malformed_ppm = 0;
  SynthCounts counts;
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  for_each_record(generate(options, &counts), [&](const CaptureRecord& record) {
    const std::vector<std::uint8_t> frame = frame_of(record);
    const auto advert = advert_of(frame);
    if (advert) ++(signature_holds(*advert) ? good : bad);
  });
  EXPECT_GT(good, 1000U);
  EXPECT_GT(bad, 0U);
  EXPECT_EQ(bad, counts.badly_signed);
}

TEST(CaptureGenerator, EveryPayloadTypeOccurs) {
  std::map<int, int> types;
  for_each_record(generate(small_network(50'000)), [&](const CaptureRecord& record) {
    const std::vector<std::uint8_t> frame = frame_of(record);
    if (!frame.empty()) ++types[frame[0] >> 2 & 15];
  });
  for (const int type : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15}) {
    EXPECT_GT(types[type], 0) << type;
  }
}

}  // namespace
}  // namespace sluice
