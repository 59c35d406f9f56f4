#include "decode/companion_record.h"

#include <string>

#include "decode/companion_packet.h"
#include "envelope_fixture.h"
#include "packet/payload_decoder.h"

namespace sluice {
namespace {

class CompanionRecord : public EnvelopeFixture {
 protected:
  CompanionMessage message(const std::string& payload,
                           std::string_view topic = "meshcore/message/channel/0") {
    const Envelope envelope = parse(topic, payload);
    const auto* found = std::get_if<CompanionMessage>(&envelope);
    EXPECT_NE(found, nullptr) << topic << ' ' << payload;
    return found != nullptr ? *found : CompanionMessage{};
  }
  std::string_view sender(const std::string& text) {
    return message(R"({"text":")" + text + R"("})").sender;
  }
};

TEST_F(CompanionRecord, ReadsATextOfAChannel) {
  const auto read = message(
      R"({"text":"Al: hi","sender_timestamp":5,"SNR":"4.5 dB","rssi":-99,"score":"12","Direction":"rx"})");
  EXPECT_FALSE(read.direct);
  EXPECT_EQ(read.channel, "ch0");
  EXPECT_EQ(read.sender, "Al");
  EXPECT_EQ(
      read.decoded_json,
      R"({"channel":"ch0","sender":"Al","sender_timestamp":5,"text":"Al: hi","type":"CHAN"})");
  EXPECT_EQ(read.reception.observer_id, "companion");
  EXPECT_EQ(read.reception.snr, 4.5);
  EXPECT_EQ(read.reception.rssi, -99);
  EXPECT_EQ(read.reception.score, 12);
  EXPECT_EQ(read.reception.direction, "rx");
  EXPECT_EQ(read.reception.raw, "");
}

TEST_F(CompanionRecord, ReadsADirectText) {
  const auto read = message(R"({"text":"hi","channel_idx":3})", "meshcore/message/direct/ab");
  EXPECT_TRUE(read.direct);
  EXPECT_EQ(read.channel, "");
  EXPECT_EQ(read.decoded_json, R"({"sender":"","text":"hi","type":"DM"})");
}

TEST_F(CompanionRecord, TakesTheChannelFromTopicUnlessTheRecordNamesOne) {
  EXPECT_EQ(message(R"({"text":"x"})", "meshcore/message/channel/").channel, "ch");
  EXPECT_EQ(message(R"({"text":"x"})", "meshcore/message/channel/1/2").channel, "ch1");
  EXPECT_EQ(message(R"({"text":"x","channel_idx":"7"})").channel, "ch7");
  EXPECT_EQ(message(R"({"text":"x","channel_idx":null})").channel, "ch<nil>");
  EXPECT_EQ(message(R"({"text":"x","channel_idx":1,"channel_idx":2.5})").channel, "ch2.5");
}

TEST_F(CompanionRecord, TakesUpTo49BytesAsSender) {
  const std::string longest(49, 'x');
  EXPECT_EQ(sender(longest + ": m"), longest);
  EXPECT_EQ(sender(longest + "x: m"), "");
  EXPECT_EQ(sender(": m"), "");
  EXPECT_EQ(sender("a:b"), "");
  EXPECT_EQ(sender("a: b: c"), "a");
}

TEST_F(CompanionRecord, RefusesATimeThatIsNestedTooDeep) {
  const auto record = [](std::size_t levels) {
    return R"({"text":"x","sender_timestamp":)" + std::string(levels, '[') + "5" +
           std::string(levels, ']') + "}";
  };
  constexpr std::string_view kChannel = "meshcore/message/channel/0";
  EXPECT_NE(message(record(64)).decoded_json.find("[[5]]"), std::string_view::npos);
  EXPECT_EQ(reason(kChannel, record(65)), RejectReason::kNestedTooDeep);
  EXPECT_EQ(reason("meshcore/message/direct/a", record(9'998)), RejectReason::kNestedTooDeep);
  // Text is text, however it was written.
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  const auto read = message(R"({"text":"x","channel_idx":)" + deep + "}");
  EXPECT_EQ(read.channel, "ch" + deep);
}

TEST_F(CompanionRecord, YieldsToAFrame) {
  EXPECT_EQ(packet(R"({"text":"x","raw":"15021020"})", "meshcore/message/channel/0").observer_id,
            "channel");
}

TEST_F(CompanionRecord, IsNamedByWordsAndSecond) {
  CompanionHasher hasher;
  const WallTime noon{std::chrono::seconds(1767268800)};  // 2026-01-01T12:00:00Z
  const auto hash = [&](std::string_view topic, const std::string& text, WallTime at) {
    return hasher.hash(message(R"({"text":")" + text + R"("})", topic), at);
  };
  constexpr std::string_view kChannel = "meshcore/message/channel/0";
  constexpr std::string_view kDirect = "meshcore/message/direct/0";
  // SHA-256 of "ch:0:hi:2026-01-01T12:00:00Z" and "dm:hi:2026-01-01T12:00:00Z".
  EXPECT_EQ(hash(kChannel, "hi", noon), 0x0c7d232d82e72bf2ULL);
  EXPECT_EQ(hash(kDirect, "hi", noon), 0x0180266c0422d72aULL);
  EXPECT_EQ(hash(kChannel, "hi", noon),
            hash(kChannel, "hi", noon + std::chrono::microseconds(999'999)));
  EXPECT_NE(hash(kChannel, "hi", noon), hash(kChannel, "hi", noon + std::chrono::seconds(1)));
  EXPECT_NE(hash(kChannel, "hi", noon), hash(kChannel, "ho", noon));
}

TEST_F(CompanionRecord, MakesAPacketWithoutAFrame) {
  CompanionHasher hasher;
  const Packet group = make_companion_packet(message(R"({"text":"x"})"), WallTime(), hasher);
  EXPECT_EQ(group.route_type, 1);
  EXPECT_EQ(group.payload_type, 5);
  EXPECT_EQ(group.path_json, "[]");
  EXPECT_TRUE(group.links_observer_only);
  ASSERT_TRUE(group.facts);
  EXPECT_EQ(group.facts->channel_hash, "ch0");
  const auto direct = message(R"({"text":"x"})", "meshcore/message/direct/0");
  const Packet text = make_companion_packet(direct, WallTime(), hasher);
  EXPECT_EQ(text.payload_type, 2);
  EXPECT_EQ(text.facts->channel_hash, std::nullopt);
}

}  // namespace
}  // namespace sluice
