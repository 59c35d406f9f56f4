#include "packet/json_text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

TEST(JsonString, EscapesWhatTheReferenceEscapes) {
  EXPECT_EQ(quoted("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(quoted("<&>"), R"("\u003c\u0026\u003e")");
  EXPECT_EQ(quoted("\xE2\x80\xA8\xE2\x80\xA9"), R"("\u2028\u2029")");
}

TEST(JsonString, LeavesOtherCharactersAlone) {
  EXPECT_EQ(quoted("\x7f\xC2\x85\xC3\xA9\xF0\x9F\x8C\x8D"),
            "\"\x7f\xC2\x85\xC3\xA9\xF0\x9F\x8C\x8D\"");
  EXPECT_EQ(quoted("\xEF\xBF\xBD"), "\"\xEF\xBF\xBD\"");
}

TEST(JsonString, ReplacesEachInvalidByte) {
  EXPECT_EQ(quoted("a\xFF\xFE"), R"("a\ufffd\ufffd")");
  EXPECT_EQ(quoted("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(quoted("ok\xC3"), R"("ok\ufffd")");
  EXPECT_EQ(quoted("\xC3("), R"("\ufffd(")");
}

TEST(JsonNumber, IsPlainAndShortest) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-122), "-122");
  EXPECT_EQ(number(12.25), "12.25");
  EXPECT_EQ(number(0.000001), "0.000001");
  EXPECT_EQ(number(-122.058554), "-122.058554");
  EXPECT_EQ(number(0.1 + 0.2), "0.30000000000000004");
}

TEST(JsonNumber, PadsLargeIntegersWithZeros) {
  EXPECT_EQ(number(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(number(1e20), "100000000000000000000");
  EXPECT_EQ(number(-123456789012345680000.0), "-123456789012345680000");
  EXPECT_EQ(number(18446744073709551616.0), "18446744073709552000");
}

TEST(JsonNumber, TakesAnExponentBeyondTheBounds) {
  EXPECT_EQ(number(1e21), "1e+21");
  EXPECT_EQ(number(1e-7), "1e-7");
  EXPECT_EQ(number(-1.5e-10), "-1.5e-10");
  EXPECT_EQ(number(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(JsonNumber, NonFiniteIsNull) {
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number(std::nan("")), "null");
}

TEST(JsonWriter, LeavesOutWhatIsEmpty) {
  std::string out;
  JsonWriter json(out);
  json.text("a", "");
  json.hex("b", {});
  json.count("c", 0);
  json.reals("d", {});
  json.finish();
  EXPECT_EQ(out, "{}");
}

TEST(JsonWriter, KeepsZeroAndFalse) {
  std::string out;
  JsonWriter json(out);
  json.integer("a", 0);
  json.real("b", 0);
  json.flag("c", false);
  json.finish();
  EXPECT_EQ(out, R"({"a":0,"b":0,"c":false})");
}

TEST(JsonWriter, NestsOneObject) {
  std::string out = "kept:";
  JsonWriter json(out);
  json.begin_object("flags");
  json.flag("x", true);
  json.end_object();
  json.hex_number("n", 0x00abcdefU);
  json.finish();
  EXPECT_EQ(out, R"(kept:{"flags":{"x":true},"n":"00abcdef"})");
}

}  // namespace
}  // namespace sluice
