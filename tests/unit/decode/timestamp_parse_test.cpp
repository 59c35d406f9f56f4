#include "decode/timestamp_parse.h"

#include <string>

#include <gtest/gtest.h>

#include "base/timestamp_text.h"

namespace sluice {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Case {
  std::string text;
  std::string utc;
  bool naive = false;
};

TEST(ParseTimestamp, ReadsZonedAndNaiveTimes) {
  const Case cases[] = {
      {"2026-06-09T12:00:00Z", "2026-06-09T12:00:00Z"},
      {"2026-06-09T12:00:00.123456+00:00", "2026-06-09T12:00:00Z"},
      {"2026-06-09T12:00:00.999Z", "2026-06-09T12:00:00Z"},
      {"2026-06-09T12:00:00+02:00", "2026-06-09T10:00:00Z"},
      {"2026-06-09T12:00:00-07:30", "2026-06-09T19:30:00Z"},
      {"2026-06-09T12:00:00-00:00", "2026-06-09T12:00:00Z"},
      {"2026-06-09T12:00:00", "2026-06-09T12:00:00Z", true},
      {"2026-06-09T12:00:00.000000", "2026-06-09T12:00:00Z", true},
      {"2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"},
      {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
      {"2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00Z"},
  };
  for (const Case& c : cases) {
    const auto parsed = parse_timestamp(c.text);
    ASSERT_TRUE(parsed.has_value()) << c.text;
    EXPECT_EQ(TimestampText(parsed->time).view(), c.utc) << c.text;
    EXPECT_EQ(parsed->naive, c.naive) << c.text;
  }
}

TEST(ParseTimestamp, KeepsMicrosecondsOfAFractionOfAnyLength) {
  const WallTime second = parse_timestamp("2026-06-09T12:00:00Z")->time;
  EXPECT_EQ(parse_timestamp("2026-06-09T12:00:00.1Z")->time - second, microseconds(100'000));
  EXPECT_EQ(parse_timestamp("2026-06-09T12:00:00.123456789Z")->time - second,
            microseconds(123'456));
  EXPECT_EQ(parse_timestamp("2026-06-09T12:00:00." + std::string(5000, '9') + "Z")->time - second,
            microseconds(999'999));
}

TEST(ParseTimestamp, IsAsLenientAsTheReference) {
  EXPECT_EQ(TimestampText(parse_timestamp("2026-06-09T1:00:00Z")->time).view(),
            "2026-06-09T01:00:00Z");
  EXPECT_TRUE(parse_timestamp("2026-06-09T12:00:00,5Z").has_value());
  EXPECT_TRUE(parse_timestamp("2026-06-09T12:00:00+24:00").has_value());
  EXPECT_TRUE(parse_timestamp("2026-06-09T12:00:00+00:60").has_value());
}

TEST(ParseTimestamp, RefusesEverythingElse) {
  for (const char* text : {"",
                           "garbage",
                           "1781006400",
                           "2026-06-09",
                           "2026-06-09 12:00:00",
                           "2026-06-09T12:00",
                           "2026-06-09T12:00Z",
                           "2026-06-09T12:00:00z",
                           "2026-06-09t12:00:00Z",
                           "2026-06-09T12:00:00+0200",
                           "2026-06-09T12:00:00+02",
                           "2026-06-09T12:00:00+2:00",
                           "2026-06-09T12:00:00+25:00",
                           "2026-06-09T12:00:00+00:61",
                           "2026-06-09T12:00:00.",
                           "2026-06-09T12:00:00.Z",
                           "2026-06-09T12:00:00ZZ",
                           "2026-06-09T12:00:00Z ",
                           " 2026-06-09T12:00:00Z",
                           "2026-06-09T24:00:00Z",
                           "2026-06-09T12:60:00Z",
                           "2026-06-09T12:00:60Z",
                           "2026-06-09T12:0:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00",
                           "2026-1-1T0:0:0Z",
                           "26-06-09T12:00:00Z",
                           "-026-06-09T12:00:00Z",
                           "12026-06-09T12:00:00Z",
                           "2026-06-09T12:00:00 +00:00",
                           "2026-06-09T12:00:00UTC"}) {
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
  }
}

class NaiveClockSkew : public ::testing::Test {
 protected:
  static std::optional<seconds> skew(microseconds ahead, bool naive = true) {
    const WallTime now = parse_timestamp("2026-06-09T12:00:00Z")->time;
    return naive_clock_skew({now + ahead, naive}, now);
  }
};

TEST_F(NaiveClockSkew, IsOfNaiveClocksOnly) {
  EXPECT_EQ(skew(-hours(7)), seconds(-25'200));
  EXPECT_EQ(skew(-hours(7), false), std::nullopt);
}

TEST_F(NaiveClockSkew, ToleratesFifteenMinutes) {
  EXPECT_EQ(skew(minutes(15)), std::nullopt);
  EXPECT_EQ(skew(-minutes(15)), std::nullopt);
  EXPECT_EQ(skew(minutes(15) + seconds(1)), seconds(901));
  EXPECT_EQ(skew(-minutes(15) - seconds(1)), seconds(-901));
}

TEST_F(NaiveClockSkew, IsTruncatedTowardsZero) {
  EXPECT_EQ(skew(hours(7) - microseconds(1)), seconds(25'199));
  EXPECT_EQ(skew(-hours(7) + microseconds(1)), seconds(-25'199));
  EXPECT_EQ(skew(minutes(15) + microseconds(1)), seconds(900));
}

TEST_F(NaiveClockSkew, DoesNotBelieveTheAbsurd) {
  EXPECT_EQ(skew(hours(14)), seconds(50'400));
  EXPECT_EQ(skew(hours(14) + microseconds(1)), std::nullopt);
  EXPECT_EQ(skew(-hours(24 * 30)), seconds(-2'592'000));
  EXPECT_EQ(skew(-hours(24 * 30) - microseconds(1)), std::nullopt);
}

class ResolveTimestamp : public ::testing::Test {
 protected:
  static constexpr std::string_view kNow = "2026-06-09T12:00:00Z";
  static WallTime now() { return parse_timestamp(kNow)->time; }
  static bool is_believed(std::string_view text) {
    return resolve_timestamp(text, now()) == parse_timestamp(text)->time;
  }
};

TEST_F(ResolveTimestamp, BelievesTheRecentPast) {
  EXPECT_TRUE(is_believed("2026-06-09T11:59:50.5Z"));
  EXPECT_TRUE(is_believed("2026-05-10T12:00:00Z"));
  EXPECT_TRUE(is_believed("2026-06-09T04:00:00-07:00"));
  EXPECT_TRUE(is_believed("2026-06-09T11:45:00"));
}

TEST_F(ResolveTimestamp, TakesNowOtherwise) {
  for (const char* text : {"", "garbage", "2026-06-09T12:00:01Z", "2026-06-10T12:00:00Z",
                           "2026-05-10T11:59:59Z", "2026-06-09T11:44:59", "2026-06-09T12:10:00"}) {
    EXPECT_EQ(resolve_timestamp(text, now()), now()) << text;
  }
}

TEST(ClockFault, IsWhatKeepsAClockFromBeingBelieved) {
  const WallTime now = parse_timestamp("2026-03-01T00:00:00Z")->time;
  const auto fault = [&](std::string_view text) {
    return clock_fault(text, parse_timestamp(text), now);
  };
  EXPECT_EQ(fault(""), ClockFault::kNone);
  EXPECT_EQ(fault("garbage"), ClockFault::kUnparsable);
  EXPECT_EQ(fault("2026-03-01T14:00:00Z"), ClockFault::kNone);
  EXPECT_EQ(fault("2026-03-01T14:00:01"), ClockFault::kFuture);
  EXPECT_EQ(fault("2026-01-30T00:00:00Z"), ClockFault::kNone);
  EXPECT_EQ(fault("2026-01-29T23:59:59Z"), ClockFault::kStale);
  EXPECT_EQ(fault("2026-02-28T00:00:00"), ClockFault::kNone) << "naive and off: recorded instead";
}

}  // namespace
}  // namespace sluice
