#include "decode/envelope_parser.h"

#include <string>

#include <gtest/gtest.h>

#include "decode/json_reader.h"
#include "envelope_fixture.h"

namespace sluice {
namespace {

constexpr std::string_view kPacket = R"({"raw":"15021020"})";

// ---- contract 3.2: what is a record at all ----

class EnvelopeJson : public EnvelopeFixture {
 protected:
  void expect_malformed(std::string_view payload) {
    EXPECT_EQ(reason(kPackets, payload), RejectReason::kMalformedJson) << payload.substr(0, 200);
  }
  /// `members` stand next to a `raw`, so the record is accepted when its JSON is.
  void expect_member(const std::string& members, bool accepted) {
    const std::string payload = R"({"raw":"15021020",)" + members + "}";
    EXPECT_EQ(reason(kPackets, payload) == RejectReason::kNone, accepted) << payload.substr(0, 200);
  }
  static std::string nested(const std::string& inside, std::size_t arrays) {
    return std::string(arrays, '[') + inside + std::string(arrays, ']');
  }
};

TEST_F(EnvelopeJson, RefusesWhatIsNoObject) {
  for (const char* payload : {"", " ", "[]", "[1,2]", "[{}]", "\"str\"", "5", "-0", "true", "false",
                              "nul", "nulll", "connected", "eyJhbGciOiJFZDI1NTE5In0.e30.AB"}) {
    expect_malformed(payload);
  }
}

TEST_F(EnvelopeJson, RefusesSyntaxErrors) {
  for (const char* payload : {"{",
                              "}",
                              "{}}",
                              "{\"raw\"",
                              "{\"raw\":",
                              "{\"raw\":\"15\"",
                              "{\"raw\":\"15\",}",
                              "{\"raw\":\"15",
                              "{'raw':'15'}",
                              "{raw:1}",
                              "{\"a\" 1}",
                              "{\"a\":1 \"b\":2}",
                              "{\"a\":[1,,2]}",
                              "{\"a\":[1,]}",
                              "{\"a\":[1}",
                              "{\"a\":tru}",
                              "{\"a\":True}",
                              "{\"a\":1}//x",
                              "{1:2}",
                              "{\"a\":nullx}",
                              "{\"a\":\"\\q\"}",
                              "{\"a\":\"\\u12\"}",
                              "{\"a\":\"\\u12g4\"}"}) {
    expect_malformed(payload);
  }
}

TEST_F(EnvelopeJson, RefusesAnythingBehindTheObject) {
  const std::string packet(kPacket);
  for (const std::string& tail :
       {std::string(" trailing"), std::string("{}"), std::string(","), std::string(1, '\0'),
        std::string("\x1e"), std::string("\xFF"), std::string("\xC2\xA0"), std::string("null")}) {
    expect_malformed(packet + tail);
  }
}

TEST_F(EnvelopeJson, RefusesAByteOrderMarkAndNulBytes) {
  expect_malformed("\xEF\xBB\xBF" + std::string(kPacket));
  expect_malformed(std::string_view("\0", 1));
  expect_malformed(std::string_view("\xFF\xFE\0\1", 4));
  expect_malformed(std::string_view("{\"raw\":\0\"15\"}", 13));
}

TEST_F(EnvelopeJson, TakesWhiteSpaceAround) {
  EXPECT_EQ(reason(kPackets, "  \n\t" + std::string(kPacket) + "\r\n "), RejectReason::kNone);
  expect_malformed("\f" + std::string(kPacket));
  expect_malformed("\xC2\xA0" + std::string(kPacket));
}

TEST_F(EnvelopeJson, ReadsNullAsAnEmptyObject) {
  EXPECT_EQ(reason(kPackets, "null"), RejectReason::kNoPacket);
  EXPECT_EQ(reason(kPackets, " null\n"), RejectReason::kNoPacket);
  EXPECT_EQ(status("null").observer_id, "AB12");
  EXPECT_EQ(status("null").name, "");
}

TEST_F(EnvelopeJson, TellsKeysByCaseAndUnescaped) {
  EXPECT_EQ(reason(kPackets, R"({"RAW":"15021020"})"), RejectReason::kNoPacket);
  EXPECT_EQ(reason(kPackets, R"({"Raw":"15021020"})"), RejectReason::kNoPacket);
  EXPECT_EQ(packet(R"({"\u0072aw":"15021020"})").raw, "15021020");
}

TEST_F(EnvelopeJson, KeepsTheLastOfDuplicateKeys) {
  EXPECT_EQ(packet(R"({"raw":"00","raw":"15021020"})").raw, "15021020");
  EXPECT_EQ(reason(kPackets, R"({"raw":"15021020","raw":5})"), RejectReason::kNoPacket);
  const auto report = status(R"({"stats":{"battery_mv":1},"stats":{"battery_mv":2,"battery_mv":3},
                                 "uptime_secs":1,"uptime_secs":null})");
  EXPECT_EQ(report.battery_mv, 3);
  EXPECT_EQ(report.uptime_secs, std::nullopt);
}

TEST_F(EnvelopeJson, ReplacesWhatIsNoUtf8InStrings) {
  EXPECT_EQ(packet_with("\"origin\":\"bad \xFF\xFE utf8 \xC3\"").origin,
            "bad \xEF\xBF\xBD\xEF\xBF\xBD utf8 \xEF\xBF\xBD");
  EXPECT_EQ(packet_with("\"x\xFFy\":1,\"origin\":\"ok\"").origin, "ok");
  expect_member("\"a\":\xFF", false);
}

TEST_F(EnvelopeJson, ReplacesLoneSurrogates) {
  EXPECT_EQ(packet_with(R"("origin":"\ud83d\ude00 \ud83d lone \udc00")").origin,
            "\xF0\x9F\x98\x80 \xEF\xBF\xBD lone \xEF\xBF\xBD");
  EXPECT_EQ(packet_with(R"("origin":"\ud83d\u0041\ud83d\ud83d\ude00")").origin,
            "\xEF\xBF\xBD"
            "A\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST_F(EnvelopeJson, RefusesRawControlCharactersInStrings) {
  for (char c = 0; c < 0x20; ++c) expect_member(std::string("\"origin\":\"a") + c + "b\"", false);
  expect_member("\"origin\":\"a\x7f\"", true);
  EXPECT_EQ(packet_with(R"("origin":"a\u0000b")").origin, std::string_view("a\0b", 3));
  EXPECT_EQ(packet_with(R"("origin":"tab\tnl\n\/\b\f")").origin, "tab\tnl\n/\b\f");
}

TEST_F(EnvelopeJson, HoldsNumbersToTheJsonGrammar) {
  for (const char* number :
       {"0", "-0", "0.5", "1e5", "1E+5", "1e-400", "0e999", "-1.5e-3", "18446744073709551616",
        "-9223372036854775809", "1e308", "0e99999999999999999999", "1e-99999999999999999999"}) {
    expect_member(std::string("\"n\":") + number, true);
  }
  for (const char* number : {"01", "-01", "+1", ".5", "5.", "-", "1e", "1e+", "0x10", "1_0", "NaN",
                             "Infinity", "-Infinity", "1e309", "-1e400", "1.5.2", "00",
                             "012345678901234567890123", "1e99999999999999999999"}) {
    expect_member(std::string("\"n\":") + number, false);
    expect_member(std::string("\"n\":[{\"m\":") + number + "}]", false);
  }
  expect_member("\"n\":" + std::string(309, '9'), false);
  expect_member("\"n\":" + std::string(308, '9'), true);
}

TEST_F(EnvelopeJson, ReadsIntegersBeyond64BitsAsDoubles) {
  EXPECT_EQ(packet_with(R"("SNR":12345678901234567890)").snr, 12345678901234567890.0);
  EXPECT_EQ(packet_with(R"("SNR":123456789012345678901234567890)").snr, 1.2345678901234568e29);
  EXPECT_EQ(packet_with(R"("SNR":-99999999999999999999)").snr, -1e20);
  EXPECT_EQ(packet_with(R"("SNR":18446744073709551615)").snr, 18446744073709551616.0);
}

TEST_F(EnvelopeJson, TakesTenThousandLevels) {
  // The record itself is the first one.
  EXPECT_EQ(JsonReader::kMaxDepth, 10'000U);
  expect_member("\"a\":" + nested("", 1024), true);
  for (const char* inside : {"", "1", "\"]]\\\"]\""}) {
    expect_member("\"a\":" + nested(inside, 9'999), true);
    expect_member("\"a\":" + nested(inside, 10'000), false);
  }
  std::string objects;
  for (int i = 0; i < 9'999; ++i) objects += "{\"a\":";
  expect_member("\"a\":" + objects + "1" + std::string(9'999, '}'), true);
  expect_member("\"a\":" + objects + "{}" + std::string(9'999, '}'), false);
  expect_member("\"a\":\"" + std::string(30'000, '[') + "\"", true);
}

TEST_F(EnvelopeJson, TakesDeepNestingWithoutRecursion) {
  expect_malformed("{\"a\":" + nested("", 2'000'000) + "}");
  expect_malformed("{\"a\":" + std::string(4'000'000, '['));
}

TEST_F(EnvelopeJson, IgnoresWhatStandsBehindThePayload) {
  EnvelopeParser parser(rules_);
  for (const char filler : {'}', '"', '0', ' ', '\0', ']', '\\'}) {
    const PaddedText open(R"({"raw":"15021020")", filler);
    const Envelope envelope = parser.parse(source_, kPackets, open.view(), arena_);
    EXPECT_EQ(std::get<RejectReason>(envelope), RejectReason::kMalformedJson) << filler;
    const PaddedText null("null", filler);
    EXPECT_EQ(std::get<RejectReason>(parser.parse(source_, kPackets, null.view(), arena_)),
              RejectReason::kNoPacket)
        << filler;
  }
}

// ---- contract 3.3: the order of the questions ----

class EnvelopeDispatch : public EnvelopeFixture {};

TEST_F(EnvelopeDispatch, AsksForJsonFirst) {
  rules_.observer_blacklist = {"ab12"};
  EXPECT_EQ(reason(kPackets, "connected"), RejectReason::kMalformedJson);
  EXPECT_EQ(reason("meshcore/status", "connected"), RejectReason::kMalformedJson);
  EXPECT_EQ(reason("meshcore/client/ab/packets", "{"), RejectReason::kMalformedJson);
}

TEST_F(EnvelopeDispatch, RefusesClientTopicsWhileCoverageIsOff) {
  for (const char* topic : {"meshcore/client/ab/packets", "x/client/ab/packets/more",
                            "meshcore/client/ab/status", "meshcore/client/ab"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kClientCoverageDisabled) << topic;
  }
  EXPECT_EQ(reason("x/client/ab", kPacket), RejectReason::kNone);
}

TEST_F(EnvelopeDispatch, KnowsClientReceptionsWhileCoverageIsOn) {
  rules_.client_coverage_enabled = true;
  rules_.iata_whitelist = {"SJC"};
  source_.iata_filter = {"SJC"};
  constexpr std::string_view kHeard =
      R"({"raw":"15021020","direction":"rx","gps":{"lat":1,"lon":2}})";
  for (const char* topic : {"meshcore/client/ab/packets", "x/client/ab/packets/more"}) {
    EXPECT_TRUE(std::holds_alternative<ClientReport>(parse(topic, kHeard))) << topic;
  }
  rules_.observer_blacklist = {"ab"};
  EXPECT_EQ(reason("meshcore/client/ AB /packets", kPacket), RejectReason::kObserverBlacklisted);
}

TEST_F(EnvelopeDispatch, LetsOtherClientTopicsThroughWhileCoverageIsOn) {
  rules_.client_coverage_enabled = true;
  EXPECT_EQ(packet(kPacket, "meshcore/client/ab").region, "client");
  EXPECT_EQ(status("{}", "meshcore/client/ab/status").iata, "client");
}

TEST_F(EnvelopeDispatch, IgnoresTheBridgesOwnState) {
  rules_.iata_whitelist = {"SJC"};
  EXPECT_EQ(reason("meshcore/status", kPacket), RejectReason::kIgnoredTopic);
  EXPECT_EQ(reason("meshcore/events/connection", kPacket), RejectReason::kIgnoredTopic);
  rules_.iata_whitelist.clear();
  EXPECT_EQ(reason("meshcore/events/connections", kPacket), RejectReason::kNone);
}

TEST_F(EnvelopeDispatch, BlacklistsObserversTrimmedAndInAnyCase) {
  rules_.observer_blacklist = {"", "ab12"};
  rules_.iata_whitelist = {"OAK"};
  for (const char* topic :
       {"meshcore/SJC/ab12/packets", "meshcore/SJC/AB12/status", "meshcore/SJC/ Ab12\t/packets",
        "x/SJC/AB12", "meshcore/SJC/AB12/x/y"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kObserverBlacklisted) << topic;
  }
  EXPECT_EQ(reason("meshcore/OAK/AB123/packets", kPacket), RejectReason::kNone);
  EXPECT_EQ(reason("meshcore/OAK//packets", kPacket), RejectReason::kNone);
  EXPECT_EQ(reason("ab12/OAK", kPacket), RejectReason::kNone);
}

TEST_F(EnvelopeDispatch, ComparesLettersAndSpacesBeyondAscii) {
  rules_.observer_blacklist = {"köln-ост"};  // as the configuration leaves it
  EXPECT_EQ(reason("meshcore/SJC/\xC2\xA0KÖLN-Ост/packets", kPacket),
            RejectReason::kObserverBlacklisted);
  EXPECT_EQ(reason("meshcore/SJC/koln-ост/packets", kPacket), RejectReason::kNone);
  rules_.iata_whitelist = {"ÅS"};
  EXPECT_EQ(reason("meshcore/ås\xE2\x80\x83/AB/packets", kPacket), RejectReason::kNone);
  EXPECT_EQ(reason("meshcore/as/AB/packets", kPacket), RejectReason::kIataNotWhitelisted);
}

TEST_F(EnvelopeDispatch, WhitelistsRegionsTrimmedAndInAnyCase) {
  rules_.iata_whitelist = {"SJC", "OAK", ""};
  for (const char* topic :
       {"meshcore/SJC/a/packets", "meshcore/oak/a/status", "x/ Oak ", "m/sjc"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kNone) << topic;
  }
  for (const char* topic : {"meshcore/PDX/a/packets", "meshcore/PDX/a/status",
                            "meshcore//a/packets", "meshcore/message/channel/0"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kIataNotWhitelisted) << topic;
  }
  EXPECT_EQ(reason("meshcore", kPacket), RejectReason::kNone);  // no region to ask about
}

TEST_F(EnvelopeDispatch, FiltersASourcesRegionsExactly) {
  source_.iata_filter = {"SJC", "OAK"};
  EXPECT_EQ(reason("meshcore/SJC/a/packets", kPacket), RejectReason::kNone);
  for (const char* topic : {"meshcore/sjc/a/packets", "meshcore/ SJC/a/packets", "meshcore//a/x",
                            "meshcore/message/channel/0"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kIataFiltered) << topic;
  }
  EXPECT_EQ(reason("meshcore", kPacket), RejectReason::kNone);
}

TEST_F(EnvelopeDispatch, DoesNotFilterStatusBySource) {
  source_.iata_filter = {"SJC"};
  EXPECT_EQ(status("{}", "meshcore/PDX/a/status").iata, "PDX");
}

TEST_F(EnvelopeDispatch, TakesStatusBeforeRaw) {
  EXPECT_EQ(status(kPacket).observer_id, "AB12");
  EXPECT_EQ(status("{}", "other/SJC//status/extra").observer_id, "");
}

TEST_F(EnvelopeDispatch, TakesRawFromAnyTopic) {
  for (const char* topic : {"", "foo", "meshcore/XX", "meshcore/packets", "meshcore/SJC/AB12/debug",
                            "meshcore/message/channel/0", "meshcore/message/direct/x"}) {
    EXPECT_EQ(reason(topic, kPacket), RejectReason::kNone) << topic;
  }
}

TEST_F(EnvelopeDispatch, NeedsANonEmptyStringAsRaw) {
  for (const char* payload :
       {"{}", R"({"raw":null})", R"({"raw":""})", R"({"raw":15})", R"({"raw":["15021020"]})",
        R"({"raw":{"raw":"15"}})", R"({"data":"15"})"}) {
    EXPECT_EQ(reason(kPackets, payload), RejectReason::kNoPacket) << payload;
  }
}

TEST_F(EnvelopeDispatch, KnowsCompanionTexts) {
  EXPECT_TRUE(std::holds_alternative<CompanionMessage>(
      parse("meshcore/message/channel/0", R"({"text":"Al: hi"})")));
  EXPECT_TRUE(std::holds_alternative<CompanionMessage>(
      parse("meshcore/message/direct/x", R"({"text":"hi","raw":""})")));
  for (const char* payload :
       {R"({"text":""})", R"({"text":5})", "{}", R"({"payload":{"text":"x"}})"}) {
    EXPECT_EQ(reason("meshcore/message/channel/0", payload), RejectReason::kNoPacket) << payload;
  }
  EXPECT_EQ(reason("meshcore/message/other/0", R"({"text":"hi"})"), RejectReason::kNoPacket);
}

// ---- memory ----

class EnvelopeMemory : public EnvelopeFixture {};

TEST_F(EnvelopeMemory, GivesBackWhatAHugeRecordTook) {
  EnvelopeParser parser(rules_);
  const std::size_t before = parser.capacity_bytes();
  for (const char filler : {'x', '\xFF'}) {  // the second one goes by way of the repair
    const PaddedText huge(R"({"raw":"15021020","x":")" + std::string(5 << 20, filler) + "\"}");
    const Envelope envelope = parser.parse(source_, kPackets, huge.view(), arena_);
    EXPECT_EQ(std::get<PacketReport>(envelope).raw, "15021020");
    EXPECT_LE(parser.capacity_bytes(), before + JsonReader::kKeepBytes);
  }
}

TEST_F(EnvelopeMemory, KeepsWhatAnOrdinaryRecordTook) {
  EnvelopeParser parser(rules_);
  const PaddedText large(R"({"raw":"15021020","x":")" + std::string(100'000, 'x') + "\"}");
  static_cast<void>(parser.parse(source_, kPackets, large.view(), arena_));
  EXPECT_GE(parser.capacity_bytes(), 100'000U);
}

TEST_F(EnvelopeMemory, CopiesOnlyWhatItKeeps) {
  EnvelopeParser parser(rules_);
  const PaddedText large(R"({"raw":"15021020","x":")" + std::string(100'000, 'x') + "\"}");
  Arena arena(64);
  static_cast<void>(parser.parse(source_, kPackets, large.view(), arena));
  EXPECT_LE(arena.allocated_bytes(), 128U);
}

}  // namespace
}  // namespace sluice
