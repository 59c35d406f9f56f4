#include "packet/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "packet/describe/flat_json.h"
#include "packet/describe/terminal_text.h"
#include "packet/json_text.h"
#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr char kPublicKey[] = "8b3387e9c5cdea6ac9e5edbaa115cd72";

class Describe : public testing::Test {
 protected:
  std::string words(std::string_view raw) {
    return describe_packet(raw, decoder_, &regions_, false);
  }
  std::string json(std::string_view raw) { return packet_as_json(raw, decoder_, &regions_); }

  PayloadDecoder decoder_{
      std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{{"Public", kPublicKey}}),
      true};
  RegionKeys regions_{{"europe"}};
};

TEST_F(Describe, NamesEachByteOfATrace) {
  EXPECT_THAT(words("260231f244332211bebafeca00aabbcc"),
              HasSubstr("    0  26        direct, TRACE, version 0\n"
                        "    1  02        2 hops of 1 byte\n"
                        "    2  31 f2     SNR at each hop, dB: 12.25 -3.5\n"
                        "    4  44332211  tag 11223344\n"
                        "    8  bebafeca  authentication code cafebabe\n"
                        "   12  00        flags: bytes per hop 1\n"
                        "   13  aa bb cc  route AA → BB → CC\n"));
}

TEST_F(Describe, QuotesAnOpenedMessage) {
  EXPECT_THAT(
      words("15021020112AF5662A069BC640EB98F5A17F58129118A4DFECE48F44745E4C654974F8C1EDABC1"),
      HasSubstr("GRP_TXT on Public: Alice: Hi all\n39 bytes, hash e33490ef7c14b041, accepted\n"));
}

TEST_F(Describe, NamesTheScope) {
  EXPECT_THAT(words("14ecb2000000112a6016aae925d78965ba02cd227a61af4527"),
              HasSubstr("transport codes, scope #europe"));
}

TEST_F(Describe, SaysWhereAFrameEnds) {
  EXPECT_EQ(words("150511"),
            "not a packet: packet path length (5 bytes claimed by pathByte 0x05) exceeds buffer "
            "(3 bytes)\n\n"
            "    0  15  flood, GRP_TXT, version 0\n"
            "    1  05  5 hops of 1 byte\n"
            "    2  11  the rest\n"
            "    3      here it ends, and something is missing\n");
}

TEST_F(Describe, PointsAtABadDigit) {
  EXPECT_THAT(words("1500zz06"), EndsWith("  1500zz06\n      ^ in byte 2\n"));
  EXPECT_THAT(
      words(std::string(200, '0') + "z"),
      EndsWith("  " + std::string(30, '0') + "z\n" + std::string(32, ' ') + "^ in byte 100\n"));
}

TEST_F(Describe, UsesColourOnlyWhenAsked) {
  EXPECT_THAT(words("0d00f87c0ce0"), Not(HasSubstr("\x1b")));
  EXPECT_THAT(describe_packet("0d00f87c0ce0", decoder_, nullptr, true), HasSubstr("\x1b["));
}

TEST_F(Describe, ForProgramsIsOneObject) {
  EXPECT_EQ(json("0d00 f87c0ce0\n"),
            R"({"valid":true,"bytes":6,"hash":"d9388f9142662f12","route":"FLOOD","routeType":1,)"
            R"("type":"ACK","payloadType":3,"version":0,"scope":null,"hashSize":1,"hashCount":0,)"
            R"("path":[],"payloadBytes":4,"decoded":{"type":"ACK","extraHash":"e00c7cf8",)"
            R"("ackLen":4},"accepted":true})");
  EXPECT_EQ(json("150"),
            R"({"valid":false,"error":"invalid hex: encoding/hex: odd length hex string",)"
            R"("reason":"bad_hex","offset":1})");
}

TEST_F(Describe, CopesWithEverythingInTheCollection) {
  simdjson::dom::parser parser;
  for (const auto& line : test::read_golden_lines(test::data_path("decode/synthetic.jsonl"))) {
    SCOPED_TRACE(line.number);
    const std::string text = words(line.raw);
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(text.starts_with("not a packet"), line.error.has_value());
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    EXPECT_EQ(parser.parse(json(line.raw)).error(), simdjson::SUCCESS);
  }
}

TEST(TerminalText, DefusesControlSequences) {
  EXPECT_EQ(terminal_text("a\x1b[2Jb"), "a\\u{1b}[2Jb");
  EXPECT_EQ(terminal_text("\xC2\x9b"), "\\u{9b}");
  EXPECT_EQ(terminal_text("\xE2\x80\xAE"), "\\u{202e}");
  EXPECT_EQ(terminal_text("\xff"), "\\u{ff}");
  EXPECT_EQ(terminal_text("Zo\xC3\xAB"), "Zo\xC3\xAB");
}

TEST(FlatJson, GivesBackWhatWasWritten) {
  const std::string text = "\"\\\b\f\n\r\t\x01<&>\xE2\x80\xA8 \xC3\xA9";
  std::string out;
  JsonWriter json(out);
  json.text("a", text);
  json.begin_object("o");
  json.integer("x", 1);
  json.end_object();
  json.integer("n", -5);
  json.finish();
  EXPECT_EQ(flat_text(out, "a"), text);
  EXPECT_EQ(flat_text(out, "o"), R"({"x":1})");
  EXPECT_EQ(flat_text(out, "n"), "-5");
  EXPECT_EQ(flat_text(out, "absent"), "");
  EXPECT_EQ(flat_fields(out).size(), 3U);
}

}  // namespace
}  // namespace sluice
