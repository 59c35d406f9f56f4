#include "packet_rewriter.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "capture_generator.h"
#include "receive/line_reader.h"

namespace sluice {
namespace {

constexpr std::string_view kNow = "2026-02-03T04:05:06";

/// The usable messages of a made-up network, which has every kind of packet and of record.
std::vector<MessageTemplate> templates_of(std::uint64_t messages) {
  SynthOptions options;
  options.messages = messages;
  options.observers = 30;
  options.nodes = 100;
  CaptureGenerator generator(options);
  std::string capture;
  while (generator.next(capture)) {
  }
  const std::size_t size = capture.size();
  capture.append(LineReader::kPadding, '\0');
  std::vector<MessageTemplate> templates;
  TemplateMaker maker;
  CaptureLineParser parser;
  CaptureRecord record;
  std::string error;
  std::string observer;
  for (std::size_t at = 0; at < size;) {
    const std::size_t end = capture.find('\n', at);
    if (!parser.parse({capture.data() + at, end - at}, record, error)) ADD_FAILURE() << error;
    if (auto message = maker.make(record, observer)) templates.push_back(std::move(*message));
    at = end + 1;
  }
  return templates;
}

class PacketRewriterTest : public testing::Test {
 protected:
  const std::vector<MessageTemplate> templates_ = templates_of(4000);
  const RunMark mark_{0xC0FFEE};
  PacketRewriter rewriter_{mark_, 3600};
  TemplateMaker maker_;
  std::string payload_;
  std::string observer_;

  /// What an ingestor makes of the message.
  std::optional<MessageTemplate> read_again(const MessageTemplate& message) {
    return maker_.make({.topic = message.topic, .payload = payload_}, observer_);
  }
};

TEST_F(PacketRewriterTest, MakesMessagesThatAnIngestorStores) {
  ASSERT_GT(templates_.size(), 3500U);
  std::map<PayloadType, int> types;
  for (const MessageTemplate& message : templates_) {
    const std::uint64_t hash = rewriter_.rewrite(message, 3, kNow, payload_);
    const auto stored = read_again(message);
    ASSERT_TRUE(stored.has_value()) << payload_;
    ASSERT_EQ(stored->is_packet, message.is_packet);
    if (!message.is_packet) continue;
    EXPECT_EQ(stored->content_hash, hash);
    EXPECT_NE(hash, message.content_hash);
    EXPECT_EQ(stored->path_json, message.path_json);
    EXPECT_EQ(stored->hash_at, message.hash_at) << "the record's own hash follows";
    EXPECT_EQ(payload_.size(), message.payload.size());
    ++types[parse_frame(message.frame).frame.type];
  }
  EXPECT_GE(types.size(), 12U) << "the capture should have all kinds of packets";
}

TEST_F(PacketRewriterTest, MakesEachRoundNew) {
  std::set<std::uint64_t> recorded;
  std::set<std::uint64_t> published;
  for (const MessageTemplate& message : templates_) {
    if (!message.is_packet) continue;
    recorded.insert(message.content_hash);
    for (const std::uint32_t round : {1U, 2U, 3U}) {
      published.insert(rewriter_.content_hash(message, round));
    }
  }
  // As many transmissions in each round as there are in the capture: copies stay copies.
  EXPECT_EQ(published.size(), 3 * recorded.size());
}

TEST_F(PacketRewriterTest, MakesEachRunNew) {
  PacketRewriter other(RunMark(0xBADCAFE), 3600);
  for (const MessageTemplate& message : templates_) {
    if (message.is_packet) {
      EXPECT_NE(rewriter_.content_hash(message, 1), other.content_hash(message, 1));
    }
  }
}

TEST_F(PacketRewriterTest, KnowsAHashAgainLater) {
  std::vector<std::uint64_t> first;
  for (const MessageTemplate& message : templates_) {
    first.push_back(rewriter_.rewrite(message, 5, kNow, payload_));
  }
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    static_cast<void>(rewriter_.content_hash(templates_[i], 6));
    EXPECT_EQ(rewriter_.content_hash(templates_[i], 5), first[i]);
  }
}

TEST_F(PacketRewriterTest, SetsTheRecordsClock) {
  std::size_t set = 0;
  for (const MessageTemplate& message : templates_) {
    if (!message.timestamp_at) continue;
    static_cast<void>(rewriter_.rewrite(message, 1, kNow, payload_));
    EXPECT_EQ(payload_.substr(*message.timestamp_at, kNow.size()), kNow);
    ++set;
  }
  EXPECT_GT(set, templates_.size() / 2);
}

TEST(TemplateMaker, LeavesOutWhatNobodyStores) {
  TemplateMaker maker;
  std::string observer;
  for (const char* payload : {"", "{}", "[1]", "{\"raw\":\"zz\"}", "{\"raw\":\"1500\"}"}) {
    EXPECT_FALSE(maker.make({.topic = "meshcore/SFO/AB/packets", .payload = payload}, observer))
        << payload;
  }
  constexpr std::string_view kPacket = R"({"raw":"15000102030405060708090A0B0C"})";
  EXPECT_TRUE(maker.make({.topic = "meshcore/SFO/AB/packets", .payload = kPacket}, observer));
  EXPECT_EQ(observer, "AB");
  EXPECT_FALSE(maker.make({.topic = "meshcore/SFO", .payload = kPacket}, observer))
      << "no observer";
}

TEST(RunMark, GivesEachObserverANameOfItsOwn) {
  const RunMark mark(7);
  EXPECT_EQ(mark.alias_of("meshcore/SFO/AB"), mark.alias_of("meshcore/SFO/AB"));
  EXPECT_NE(mark.alias_of("meshcore/SFO/AB"), mark.alias_of("meshcore/LAX/AB"));
  EXPECT_EQ(mark.alias_of("x").size(), 64U);
  EXPECT_EQ(mark.alias_of("x").substr(0, 16), mark.observer_prefix());
  EXPECT_NE(RunMark(8).alias_of("x"), mark.alias_of("x"));
}

TEST(RunMark, ChangesTheLastBytesFromRoundToRound) {
  const RunMark mark(7);
  std::set<std::pair<std::uint8_t, std::uint8_t>> ends;
  for (std::uint32_t round = 0; round < 65'536; ++round) {
    const auto nonce = mark.nonce(round);
    ends.emplace(nonce[6], nonce[7]);
  }
  EXPECT_EQ(ends.size(), 65'536U);
}

}  // namespace
}  // namespace sluice
