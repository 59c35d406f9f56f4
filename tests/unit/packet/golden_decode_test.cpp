// Everything that the collection of golden packets says, compared as text. Where Sluice differs on
// purpose, the line and what it becomes stand in a table here; nothing else is let pass.

#include <gtest/gtest.h>

#include "packet/content_hash.h"
#include "packet/crypto/region_scope.h"
#include "packet/path_json.h"
#include "packet/payload_decoder.h"
#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

using test::GoldenLine;

/// One change to what the peer gives for a line: `from` becomes `to` in the member.
struct Change {
  int line;
  std::string GoldenLine::*member;
  std::string_view from;
  std::string_view to;
};

constexpr std::string_view kValid = "\"signatureValid\":true";
constexpr std::string_view kInvalid = "\"signatureValid\":false";

// Whitespace is stripped before the hash is taken (deviation D10).
const std::vector<Change> kStrippedText = {
    {278, &GoldenLine::hash, "15000685\n6e20e91", "40d8310dbaeda0a3"},
    {279, &GoldenLine::hash, "15\r\n000685", "788fafff870dde8d"},
};

// App data beyond 32 bytes is not signed (deviation F7): these were signed over all of it.
const std::vector<Change> kUnsignedTail = {
    {374, &GoldenLine::decoded_json, kValid, kInvalid},
    {375, &GoldenLine::decoded_json, kValid, kInvalid},
    {376, &GoldenLine::decoded_json, kValid, kInvalid},
    {377, &GoldenLine::decoded_json, kValid, kInvalid},
    {378, &GoldenLine::decoded_json, kValid, kInvalid},
    {393, &GoldenLine::decoded_json, kValid, kInvalid},
};

// A name is cut between characters (deviation D11).
const std::vector<Change> kWholeCharacters = {
    {378, &GoldenLine::decoded_json, "xxx\\ufffd\"", "xxx\""},
    {392, &GoldenLine::decoded_json, "\xEF\xBF\xBD\\ufffd\"", "\xEF\xBF\xBD\""},
    {393, &GoldenLine::decoded_json, "xxx\\ufffd\"", "xxx\""},
    {378, &GoldenLine::advert_name_hex, "78c3", "78"},
    {392, &GoldenLine::advert_name_hex, "efbfbdef", "efbfbd"},
    {393, &GoldenLine::advert_name_hex, "78ef", "78"},
};

// A public key of small order signs nothing (deviation "keys").
const std::vector<Change> kSmallOrderKey = {
    {413, &GoldenLine::decoded_json, kValid, kInvalid},
};

// A key is tried only on packets that carry its hash byte (deviation D12).
const std::vector<Change> kForeignHashByte = {
    {466, &GoldenLine::decoded_json,
     R"({"type":"CHAN","channelHashHex":"00","decryptionStatus":"decrypted","channel":"#test","text":"Al: hi","sender":"Al","sender_timestamp":1779041349})",
     R"({"type":"GRP_TXT","mac":"a5c1","encryptedData":"72f664387da61c377b6f8d94d988159c","channelHashHex":"00","decryptionStatus":"decryption_failed"})"},
    {467, &GoldenLine::decoded_json,
     R"({"type":"CHAN","channelHash":1,"channelHashHex":"01","decryptionStatus":"decrypted","channel":"#test","text":"Al: hi","sender":"Al","sender_timestamp":1779041349})",
     R"({"type":"GRP_TXT","mac":"a5c1","encryptedData":"72f664387da61c377b6f8d94d988159c","channelHash":1,"channelHashHex":"01","decryptionStatus":"decryption_failed"})"},
    {468, &GoldenLine::decoded_json,
     R"({"type":"CHAN","channelHash":17,"channelHashHex":"11","decryptionStatus":"decrypted","channel":"#test","text":"Al: hi","sender":"Al","sender_timestamp":1779041349})",
     R"({"type":"GRP_TXT","mac":"a5c1","encryptedData":"72f664387da61c377b6f8d94d988159c","channelHash":17,"channelHashHex":"11","decryptionStatus":"decryption_failed"})"},
    {469, &GoldenLine::decoded_json,
     R"({"type":"CHAN","channelHash":255,"channelHashHex":"FF","decryptionStatus":"decrypted","channel":"#test","text":"Al: hi","sender":"Al","sender_timestamp":1779041349})",
     R"({"type":"GRP_TXT","mac":"a5c1","encryptedData":"72f664387da61c377b6f8d94d988159c","channelHash":255,"channelHashHex":"FF","decryptionStatus":"decryption_failed"})"},
    {486, &GoldenLine::decoded_json,
     R"({"type":"GRP_DATA","channelHash":85,"channelHashHex":"55","decryptionStatus":"decrypted","channel":"#test","dataType":55188,"dataLen":85,"error":"inner data_len exceeds buffer"})",
     R"({"type":"GRP_DATA","mac":"bd41","encryptedData":"f0f401b330c16b76b984983f2009fcff","channelHash":85,"channelHashHex":"55","decryptionStatus":"decryption_failed"})"},
    {488, &GoldenLine::decoded_json,
     R"({"type":"GRP_DATA","channelHash":85,"channelHashHex":"55","decryptionStatus":"decrypted","channel":"#test","dataType":56651,"dataLen":222,"error":"inner data_len exceeds buffer"})",
     R"({"type":"GRP_DATA","mac":"7ac7","encryptedData":"d244c2d8aae88866921c245ab19af2e75ad2faa0c1ba02191311812ef3339e4a","channelHash":85,"channelHashHex":"55","decryptionStatus":"decryption_failed"})"},
    {466, &GoldenLine::channel_group, "#test", "enc_00"},
    {467, &GoldenLine::channel_group, "#test", "enc_01"},
    {468, &GoldenLine::channel_group, "#test", "enc_11"},
    {469, &GoldenLine::channel_group, "#test", "enc_FF"},
};

// The same four bytes in four spellings (deviation D10).
const std::vector<Change> kStrippedTextOfRealPackets = {
    {503, &GoldenLine::hash, "02 00 33 1f 69 b", "57c39fa4e9ec65a6"},
    {504, &GoldenLine::hash, "0200331f69b5655c", "57c39fa4e9ec65a6"},
    {505, &GoldenLine::hash, "0200331f69b5655c", "57c39fa4e9ec65a6"},
    {506, &GoldenLine::hash, " 0200331f69b5655", "57c39fa4e9ec65a6"},
};

std::shared_ptr<const ChannelKeyRing> golden_ring() {
  std::vector<ChannelSecret> channels;
  for (const auto& [name, key] : test::read_keys("channel_keys")) channels.push_back({name, key});
  return std::make_shared<const ChannelKeyRing>(channels);
}

RegionKeys golden_regions() {
  std::vector<std::string> names;
  for (const auto& region : test::read_keys("region_keys")) names.push_back(region.name);
  return RegionKeys(names);
}

std::string hash_text(std::uint64_t hash) {
  std::string text(16, '\0');
  content_hash_text(hash, text.data());
  return text;
}

void apply(const std::vector<Change>& changes, std::vector<GoldenLine>& lines) {
  for (const Change& change : changes) {
    std::string& text = lines.at(static_cast<std::size_t>(change.line) - 1).*change.member;
    const std::size_t at = text.find(change.from);
    ASSERT_NE(at, std::string::npos)
        << "line " << change.line << ": " << text << "\n lacks " << change.from;
    text.replace(at, change.from.size(), change.to);
  }
}

class GoldenDecode : public testing::Test {
 protected:
  void expect_line(const GoldenLine& line) {
    SCOPED_TRACE(testing::Message() << "line " << line.number << ": " << line.description);
    EXPECT_EQ(describe_frame_error(line.raw), line.error.value_or(""));
    Arena arena;
    const FrameResult parsed = parse_frame_text(strip_frame_text(line.raw), arena);
    ASSERT_EQ(parsed.ok(), !line.error.has_value());
    if (line.error) return;
    expect_frame(line, parsed.frame, arena);
    PayloadDecoder& decoder = line.validate_signatures ? validating_ : trusting_;
    expect_facts(line, decoder.decode(parsed.frame));
  }

  void expect_frame(const GoldenLine& line, const Frame& frame, Arena& arena) {
    EXPECT_EQ(static_cast<int>(frame.route), line.route_type);
    EXPECT_EQ(static_cast<int>(frame.type), line.payload_type);
    EXPECT_EQ(frame.version, line.payload_version);
    ASSERT_EQ(frame.transport_codes.has_value(), line.code1.has_value());
    if (frame.transport_codes) {
      const auto& codes = *frame.transport_codes;
      EXPECT_EQ(std::vector(codes.begin(), codes.end()), test::unhex(*line.code1 + *line.code2));
    }
    EXPECT_EQ(hash_text(hasher_.hash(frame)), line.hash);
    EXPECT_EQ(path_json(frame, arena), line.path_json);
    EXPECT_EQ(regions_.match(frame), line.scope_name);
  }

  static void expect_facts(const GoldenLine& line, const TransmissionFacts& facts) {
    EXPECT_EQ(facts.decoded_json, line.decoded_json);
    EXPECT_EQ(facts.channel_hash.has_value(), line.has_channel_group);
    EXPECT_EQ(facts.channel_hash.value_or(""), line.channel_group);
    EXPECT_EQ(facts.from_pubkey, line.from_pubkey);
    EXPECT_EQ(facts.anomaly, line.anomaly);
    ASSERT_EQ(facts.advert.has_value(), line.from_pubkey.has_value());
    if (facts.advert) expect_advert(line, facts);
  }

  static void expect_advert(const GoldenLine& line, const TransmissionFacts& facts) {
    EXPECT_EQ(facts.advert->pubkey, line.from_pubkey);
    EXPECT_EQ(facts.advert->role, line.advert_role);
    const bool corrupted = facts.verdict == RejectReason::kAdvertCorrupted;
    EXPECT_EQ(!corrupted, line.advert_valid);
    if (corrupted) {
      EXPECT_EQ(facts.verdict_detail, line.advert_reject_reason);
      return;
    }
    const bool unsigned_json = line.decoded_json.find(kInvalid) != std::string::npos;
    EXPECT_EQ(facts.verdict,
              unsigned_json ? RejectReason::kAdvertBadSignature : RejectReason::kNone);
    const auto name = test::unhex(line.advert_name_hex);
    EXPECT_EQ(facts.advert->name, std::string(name.begin(), name.end()));
  }

  void expect_file(const std::string& path, std::size_t size,
                   const std::vector<std::vector<Change>>& deviations) {
    auto lines = test::read_golden_lines(path);
    ASSERT_EQ(lines.size(), size);
    for (const auto& changes : deviations) apply(changes, lines);
    for (const GoldenLine& line : lines) expect_line(line);
  }

  ContentHasher hasher_;
  RegionKeys regions_ = golden_regions();
  PayloadDecoder validating_{golden_ring(), true};
  PayloadDecoder trusting_{golden_ring(), false};
};

TEST_F(GoldenDecode, SyntheticPackets) {
  expect_file(test::data_path("decode/synthetic.jsonl"), 844,
              {kStrippedText, kUnsignedTail, kWholeCharacters, kSmallOrderKey, kForeignHashByte});
}

TEST_F(GoldenDecode, PacketsFromTheAir) {
  const std::string path = test::shared_path("decode/real.jsonl");
  if (!test::exists(path)) GTEST_SKIP() << "no collection of real packets next to the source tree";
  expect_file(path, 776, {kStrippedTextOfRealPackets});
}

}  // namespace
}  // namespace sluice
