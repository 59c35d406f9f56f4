#include "packet/payload_decoder.h"

#include <random>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "unit/packet/golden_file.h"
#include "unit/packet/packet_builder.h"

namespace sluice {
namespace {

using test::Bytes;
using test::bytes_of;
using test::operator+;
using test::group_text_body;
using test::seal_for_channel;

constexpr char kShortKey[] = "9cd8fcf22a47333b591d96a2b848b73f";
constexpr char kLongKey[] = "efd8545495c3f844633b6180e65998d526c99e924975dbd7467ab07932e54c8a";

std::shared_ptr<const ChannelKeyRing> ring_of(const std::vector<ChannelSecret>& channels) {
  return std::make_shared<const ChannelKeyRing>(channels);
}

class PayloadDecoderTest : public testing::Test {
 protected:
  TransmissionFacts decode(PayloadType type, const Bytes& payload) {
    const Bytes bytes = test::flood(type, payload);
    const FrameResult parsed = parse_frame(bytes);
    EXPECT_TRUE(parsed.ok());
    return decoder_.decode(parsed.frame);
  }

  TransmissionFacts decode_text(std::string_view text) {
    return decode(PayloadType::kGroupText, seal_for_channel(kShortKey, group_text_body(9, text)));
  }

  PayloadDecoder decoder_{ring_of({{"#test", kShortKey}, {"long", kLongKey}}), true};
};

TEST_F(PayloadDecoderTest, OpensGroupTexts) {
  const TransmissionFacts facts = decode_text("Al: hi");
  EXPECT_EQ(facts.channel_hash, "#test");
  EXPECT_EQ(facts.decoded_json,
            R"({"type":"CHAN","channelHash":217,"channelHashHex":"D9","decryptionStatus":)"
            R"("decrypted","channel":"#test","text":"Al: hi","sender":"Al","sender_timestamp":9})");
}

TEST_F(PayloadDecoderTest, OpensWithKeysOf32Bytes) {
  const auto facts =
      decode(PayloadType::kGroupText, seal_for_channel(kLongKey, group_text_body(9, "Al: hi")));
  EXPECT_EQ(facts.channel_hash, "long");
}

TEST_F(PayloadDecoderTest, ASenderWithoutAMessageHasNoText) {
  const auto json = decode_text("Bob: ").decoded_json;
  EXPECT_EQ(json.find("\"text\""), std::string::npos);
  EXPECT_NE(json.find(R"("sender":"Bob")"), std::string::npos);
}

TEST_F(PayloadDecoderTest, WhatDoesNotReadLikeTextStaysSealed) {
  EXPECT_EQ(decode_text("\x01\x02\x03").channel_hash, "enc_D9");
  EXPECT_EQ(decode_text("\x01\x02").channel_hash, "#test");
  EXPECT_EQ(decode_text("\xff").channel_hash, "enc_D9");
}

TEST_F(PayloadDecoderTest, TriesTheNextKeyOfTheSameHashByte) {
  // Two names for one key: the first that is configured wins, every time.
  PayloadDecoder decoder(ring_of({{"first", kShortKey}, {"second", kShortKey}}), true);
  const Bytes bytes =
      test::flood(PayloadType::kGroupText, seal_for_channel(kShortKey, group_text_body(9, "x")));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(decoder.decode(parse_frame(bytes).frame).channel_hash, "first");
}

TEST_F(PayloadDecoderTest, OpensGroupData) {
  const Bytes body = {0x34, 0x12, 3, 'a', 'b', 'c'};
  const auto facts = decode(PayloadType::kGroupData, seal_for_channel(kShortKey, body));
  EXPECT_FALSE(facts.channel_hash);
  EXPECT_TRUE(facts.decoded_json.ends_with(
      R"("channel":"#test","dataType":4660,"dataLen":3,"decryptedBlob":"616263"})"));
}

TEST_F(PayloadDecoderTest, GroupDataMayNotClaimMoreThanThereIs) {
  const Bytes body = {0x34, 0x12, 14};
  const auto facts = decode(PayloadType::kGroupData, seal_for_channel(kShortKey, body));
  EXPECT_TRUE(facts.decoded_json.ends_with(
      R"("dataType":4660,"dataLen":14,"error":"inner data_len exceeds buffer"})"));
}

TEST_F(PayloadDecoderTest, WithoutAnyChannelThereIsNoKey) {
  PayloadDecoder decoder(ring_of({}), true);
  const Bytes bytes = test::flood(PayloadType::kGroupText, Bytes(35, 1));
  const auto facts = decoder.decode(parse_frame(bytes).frame);
  EXPECT_NE(facts.decoded_json.find(R"("decryptionStatus":"no_key")"), std::string::npos);
  EXPECT_EQ(facts.channel_hash, "enc_01");
}

TEST_F(PayloadDecoderTest, AnUnusableKeyIsAKeyThatFails) {
  PayloadDecoder decoder(ring_of({{"short", "00"}}), true);
  const Bytes bytes = test::flood(PayloadType::kGroupText, Bytes(35, 1));
  const auto facts = decoder.decode(parse_frame(bytes).frame);
  EXPECT_NE(facts.decoded_json.find("decryption_failed"), std::string::npos);
}

TEST_F(PayloadDecoderTest, CountsItsWork) {
  (void)decode(PayloadType::kAck, Bytes(4, 1));
  (void)decode(PayloadType::kAdvert, Bytes(99, 1));
  EXPECT_EQ(decoder_.signature_checks(), 0U);
  (void)decode(PayloadType::kAdvert, Bytes(100, 1));
  EXPECT_EQ(decoder_.payload_decodes(), 3U);
  EXPECT_EQ(decoder_.signature_checks(), 1U);
}

// Every other packet is sealed with a known key, so that what a stranger could say inside is tried
// as hard as what he could say outside.
class RandomPackets : public testing::TestWithParam<unsigned> {};

TEST_P(RandomPackets, AlwaysGiveValidJson) {
  std::mt19937 random(GetParam());
  SCOPED_TRACE(testing::Message() << "seed " << GetParam());
  const auto byte = [&random] { return static_cast<std::uint8_t>(random()); };
  PayloadDecoder decoder(ring_of({{"#\xff<&>\"", kShortKey}}), (GetParam() & 1U) != 0);
  simdjson::dom::parser parser;
  int packets = 0;
  for (int i = 0; i < 20'000; ++i) {
    Bytes payload(random() % 185);
    for (auto& value : payload) value = byte();
    Bytes bytes = Bytes{byte(), static_cast<std::uint8_t>(byte() & 0xC7U)} + payload;
    if (i % 2 == 0) {
      payload.resize(std::min<std::size_t>(payload.size(), 160));
      if (i % 4 == 0)  // mostly readable
        for (std::size_t at = 5; at < payload.size(); ++at) payload[at] &= 0x7FU;
      const auto type = i % 3 == 0 ? PayloadType::kGroupData : PayloadType::kGroupText;
      bytes = test::flood(type, seal_for_channel(kShortKey, payload));
    }
    const FrameResult parsed = parse_frame(bytes);
    if (!parsed.ok()) continue;
    ++packets;
    const std::string json = decoder.decode(parsed.frame).decoded_json;
    ASSERT_TRUE(is_valid_utf8(json)) << json;
    ASSERT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << json;
  }
  EXPECT_GT(packets, 10'000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPackets, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace sluice
