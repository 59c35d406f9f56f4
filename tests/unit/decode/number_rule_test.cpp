#include "decode/number_rule.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace sluice {
namespace {

struct Case {
  std::string text;
  std::optional<double> number;
};

constexpr auto kAbsent = std::nullopt;

TEST(ParseGoFloat, ReadsWhatGoReads) {
  const Case cases[] = {
      {"0", 0.0},
      {"-7.25", -7.25},
      {"+5", 5.0},
      {".5", 0.5},
      {"5.", 5.0},
      {"-.5e1", -5.0},
      {"007", 7.0},
      {"1e3", 1000.0},
      {"1E+3", 1000.0},
      {"1e-3", 0.001},
      {"9007199254740993", 9007199254740992.0},
      {"0.1", 0.1},
      {"1e0000000000000000000000001", 10.0},
      {"0x1p4", 16.0},
      {"0X1P4", 16.0},
      {"-0x1.8p1", -3.0},
      {"0x.8p0", 0.5},
      {"0xAb.p-1", 85.5},
      {"1_0", 10.0},
      {"1_000.2_5e1_0", 1000.25e10},
      {"0x_1p0", 1.0},
      {"0xf_fp0", 255.0},
  };
  for (const Case& c : cases) {
    const auto number = parse_go_float(c.text);
    ASSERT_TRUE(number.has_value()) << c.text;
    EXPECT_EQ(*number, *c.number) << c.text;
  }
}

TEST(ParseGoFloat, RefusesWhatGoRefuses) {
  for (const char* text :
       {"",        "+",     "-",     ".",  "+-5",  "--5",   "5,5",  "5 5",  "1e",    "1e+",
        "e5",      "1e5.0", "1.2.3", "0x", "0x1",  "0x1.8", "0xp1", "0x1p", "0x1pf", "0x1e4",
        "x1p0",    "1__0",  "_1",    "1_", "1_.5", "1._5",  "1e_5", "1e5_", "1_e5",  "0x1_p0",
        "Unknown", "None",  "12dB",  " 5", "5 ",   "1f",    "0b1",  "0o7",  "1p4",   "\xC2\xB2"}) {
    EXPECT_FALSE(parse_go_float(text).has_value()) << text;
  }
}

TEST(ParseGoFloat, CountsNonFiniteAsAbsent) {
  for (const char* text : {"inf", "+Inf", "-INF", "Infinity", "-infinity", "nan", "NaN", "1e309",
                           "-1e400", "0x1p1024", "1e99999999999999999999999"}) {
    EXPECT_FALSE(parse_go_float(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_go_float(std::string(400, '9')).has_value());
  EXPECT_EQ(parse_go_float(std::string(400, '9') + "e-399"), 10.0);
}

TEST(ParseGoFloat, RoundsWhatIsTooSmallToZero) {
  for (const char* text : {"1e-400", "0x1p-2000", "1e-99999999999999999999999", "0e999999",
                           "0.0000000001e-320", "0x0p99999"}) {
    EXPECT_EQ(parse_go_float(text), 0.0) << text;
  }
  EXPECT_TRUE(std::signbit(parse_go_float("-1e-400").value()));
  EXPECT_EQ(parse_go_float("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_go_float("0." + std::string(400, '0') + "1e401"), 1.0);
}

TEST(ParseNumberText, TakesOneUnitOff) {
  const Case cases[] = {
      {"-110dBm", -110.0},
      {"-110 DBM", -110.0},
      {" 12.5 dB ", 12.5},
      {"-90mW", -90.0},
      {"12km", 12.0},
      {"3mi", 3.0},
      {"5 m ", 5.0},
      {"5M", 5.0},
      {"0x1p4m", 16.0},
      {"12 dB dB", kAbsent},
      {"5 m m", kAbsent},
      {"5 mdB", kAbsent},
      {"m", kAbsent},
      {" dB ", kAbsent},
      {"", kAbsent},
      {"  ", kAbsent},
      {"3700mV", kAbsent},
      {"5 s", kAbsent},
      {"infdB", kAbsent},
      {"nan m", kAbsent},
      {"\xC2\xA0"
       "7\xC2\xA0"
       "dB",
       7.0},
      {"5,5", kAbsent},
      {"Unknown", kAbsent},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_number_text(c.text), c.number) << c.text;
}

TEST(RoundToInteger, RoundsHalfAwayFromZero) {
  const std::pair<double, std::int64_t> cases[] = {{0.0, 0},
                                                   {0.4, 0},
                                                   {0.5, 1},
                                                   {1.5, 2},
                                                   {2.5, 3},
                                                   {-0.4, 0},
                                                   {-0.5, -1},
                                                   {-1.5, -2},
                                                   {-2.5, -3},
                                                   {512.75, 513},
                                                   {0.49999999999999994, 0}};
  for (const auto& [value, integer] : cases) EXPECT_EQ(round_to_integer(value), integer) << value;
}

TEST(RoundToInteger, RefusesWhatNeedsMoreThan64Bits) {
  EXPECT_EQ(round_to_integer(-9223372036854775808.0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(round_to_integer(9223372036854774784.0), 9223372036854774784);
  for (const double value :
       {9223372036854775808.0, -9223372036854777856.0, 1e300, -1e300,
        std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(round_to_integer(value).has_value()) << value;
  }
}

}  // namespace
}  // namespace sluice
