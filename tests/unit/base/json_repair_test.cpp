#include "base/json_repair.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace sluice {
namespace {

#define FFFD "\xEF\xBF\xBD"

/// The repaired text, or nothing when there was nothing to repair.
std::optional<std::string> repaired(std::string_view text) {
  std::string out = "left over";
  if (!repair_json(text, out)) return std::nullopt;
  return out;
}

TEST(RepairJson, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(repaired("\"a\xFF\xFE b\xC3\""), "\"a" FFFD FFFD " b" FFFD "\"");
  EXPECT_EQ(repaired("\"\xE2\x82\""), "\"" FFFD FFFD "\"");                    // cut short
  EXPECT_EQ(repaired("\"\xE2\x82x\""), "\"" FFFD FFFD "x\"");                  // interrupted
  EXPECT_EQ(repaired("\"\xC0\xAF\""), "\"" FFFD FFFD "\"");                    // overlong
  EXPECT_EQ(repaired("\"\xE0\x9F\xBF\""), "\"" FFFD FFFD FFFD "\"");           // overlong
  EXPECT_EQ(repaired("\"\xF0\x8F\xBF\xBF\""), "\"" FFFD FFFD FFFD FFFD "\"");  // overlong
  EXPECT_EQ(repaired("\"\xED\xA0\x80\""), "\"" FFFD FFFD FFFD "\"");           // surrogate
  EXPECT_EQ(repaired("\"\xF4\x90\x80\x80\""), "\"" FFFD FFFD FFFD FFFD "\"");  // too large
  EXPECT_EQ(repaired("\"\xF5\x80\x80\x80\""), "\"" FFFD FFFD FFFD FFFD "\"");
  EXPECT_EQ(repaired("\"\x80\""), "\"" FFFD "\"");
  EXPECT_EQ(repaired("\"\xF0\x9F\x98"), "\"" FFFD FFFD FFFD);  // at the end
}

TEST(RepairJson, LeavesUtf8Alone) {
  EXPECT_EQ(repaired("\"\xC2\x80 \xE0\xA0\x80 \xED\x9F\xBF \xEF\xBF\xBD \xF0\x90\x80\x80 "
                     "\xF4\x8F\xBF\xBF \x7F\""),
            std::nullopt);
}

TEST(RepairJson, ReplacesLoneHalvesOfSurrogatePairs) {
  EXPECT_EQ(repaired(R"("\ud83d")"), R"("\ufffd")");
  EXPECT_EQ(repaired(R"("\uDC00")"), R"("\ufffd")");
  EXPECT_EQ(repaired(R"("\ud83dx")"), R"("\ufffdx")");
  EXPECT_EQ(repaired(R"("\ud83d\n")"), R"("\ufffd\n")");
  EXPECT_EQ(repaired(R"("\ud83d\u0041")"), R"("\ufffd\u0041")");
  EXPECT_EQ(repaired(R"("\udc00\ud83d")"), R"("\ufffd\ufffd")");
  EXPECT_EQ(repaired(R"("\ud83d\ud83d\ude00")"), R"("\ufffd\ud83d\ude00")");
  EXPECT_EQ(repaired(R"("\ud83d\ude0")"), R"("\ufffd\ude0")");
}

TEST(RepairJson, LeavesPairsAndOtherEscapesAlone) {
  EXPECT_EQ(repaired(R"("\ud83d\ude00 \u00e9 \\ud83d \"\ud83d\ude00\" \\\\")"), std::nullopt);
}

TEST(RepairJson, KnowsWhereStringsEnd) {
  EXPECT_EQ(repaired("\"\\\\\" \xFF"), std::nullopt);  // outside: not for us to mend
  EXPECT_EQ(repaired("\"\\\"\xFF\""), "\"\\\"" FFFD "\"");
  EXPECT_EQ(repaired("\"\\\xFF\""), "\"\\" FFFD "\"");  // still no valid escape
}

TEST(RepairJson, TurnsLongIntegersIntoFloats) {
  EXPECT_EQ(repaired("[12345678901234567890]"), "[12345678901234567890e0]");
  EXPECT_EQ(repaired("{\"a\":-99999999999999999999}"), "{\"a\":-99999999999999999999e0}");
  EXPECT_EQ(repaired("1234567890123456789"), "1234567890123456789e0");
}

TEST(RepairJson, LeavesOtherNumbersAlone) {
  for (const char* text :
       {"[123456789012345678]", "[12345678901234567890.5]", "[12345678901234567890e1]",
        "[+12345678901234567890]", "[--12345678901234567890]", "[1-2345678901234567890]",
        "\"12345678901234567890\""}) {
    EXPECT_EQ(repaired(text), std::nullopt) << text;
  }
}

TEST(RepairJson, MarksNumbersThatNoDoubleHoldsIfAskedTo) {
  std::string out;
  EXPECT_TRUE(repair_json("[1e999,-1e400,1e-999,1.5]", out, HugeNumbers::kMark));
  EXPECT_EQ(out, R"(["\u0000number 1e999","\u0000number -1e400",1e-999,1.5])");
  EXPECT_TRUE(repair_json(std::string(400, '9'), out, HugeNumbers::kMark));
  EXPECT_EQ(out, "\"\\u0000number " + std::string(400, '9') + "\"");
  EXPECT_FALSE(repair_json("[1e999]", out));
}

TEST(RepairJson, LeavesWhatIsNoNumberToTheParser) {
  std::string out;
  for (const char* text : {"[1e999.5]", "[1e]", "[--1e999]", "[01e999]", "[1e999-]", "[.1e999]"})
    EXPECT_FALSE(repair_json(text, out, HugeNumbers::kMark)) << text;
}

TEST(RepairJson, MendsAllPlacesAtOnce) {
  EXPECT_EQ(repaired("{\"\xFF\":\"\\ud800\",\"n\":99999999999999999999,\"t\":tru}"),
            "{\"" FFFD "\":\"\\ufffd\",\"n\":99999999999999999999e0,\"t\":tru}");
}

TEST(RepairJson, GrowsAtMostThreefold) {
  const std::string hostile = "\"" + std::string(1000, '\xFF') + "\"";
  EXPECT_EQ(repaired(hostile)->size(), 3000U + 2);
}

}  // namespace
}  // namespace sluice
