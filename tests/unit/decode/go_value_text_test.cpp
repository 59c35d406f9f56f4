#include "decode/go_value_text.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice {
namespace {

class GoValueText : public ::testing::Test {
 protected:
  std::string json(const std::string& value) {
    std::string out;
    EXPECT_TRUE(append_go_json(out, parser_.parse(value), 1000));
    return out;
  }
  bool fits(const std::string& value, std::size_t most_levels) {
    std::string out;
    return append_go_json(out, parser_.parse(value), most_levels);
  }
  std::string text(const std::string& value) {
    std::string out;
    append_go_text(out, parser_.parse(value));
    return out;
  }

 private:
  simdjson::dom::parser parser_{std::size_t{1} << 20};
};

TEST_F(GoValueText, WritesJsonAgain) {
  EXPECT_EQ(json("null"), "null");
  EXPECT_EQ(json("true"), "true");
  EXPECT_EQ(json("1779041349"), "1779041349");
  EXPECT_EQ(json("1.50"), "1.5");
  EXPECT_EQ(json("1e21"), "1e+21");
  EXPECT_EQ(json(R"("<\u00e9>")"), "\"\\u003c\xC3\xA9\\u003e\"");
  EXPECT_EQ(json("[ ]"), "[]");
  EXPECT_EQ(json("{ }"), "{}");
}

TEST_F(GoValueText, SortsKeysAndKeepsTheLastOfARepeatedOne) {
  EXPECT_EQ(json(R"({"b": 1, "a": [1.0, {"d":0, "c":[]}], "b": 2, "B": 3})"),
            R"({"B":3,"a":[1,{"c":[],"d":0}],"b":2})");
}

TEST_F(GoValueText, PrintsAsVerbV) {
  EXPECT_EQ(text("null"), "<nil>");
  EXPECT_EQ(text("false"), "false");
  EXPECT_EQ(text(R"("a b")"), "a b");
  EXPECT_EQ(text(R"({"b": 1, "a": [true, null, "x"], "c": {}})"),
            "map[a:[true <nil> x] b:1 c:map[]]");
}

TEST_F(GoValueText, PrintsNumbersAsVerbV) {
  EXPECT_EQ(text("0"), "0");
  EXPECT_EQ(text("-0.0"), "-0");
  EXPECT_EQ(text("3.5"), "3.5");
  EXPECT_EQ(text("100000"), "100000");
  EXPECT_EQ(text("1000000"), "1e+06");
  EXPECT_EQ(text("1234567"), "1.234567e+06");
  EXPECT_EQ(text("0.0001"), "0.0001");
  EXPECT_EQ(text("0.00001"), "1e-05");
  EXPECT_EQ(text("1e300"), "1e+300");
}

TEST_F(GoValueText, TakesAnyDepth) {
  constexpr int kDepth = 1000;
  std::string deep;
  for (int i = 0; i < kDepth; ++i) deep += '[';
  for (int i = 0; i < kDepth; ++i) deep += ']';
  EXPECT_EQ(json(deep), deep);
  EXPECT_EQ(text(deep), deep);
}

TEST_F(GoValueText, StopsBelowTheLevelsThatAreAllowed) {
  EXPECT_TRUE(fits("5", 0));
  EXPECT_FALSE(fits("[]", 0));
  EXPECT_TRUE(fits(R"([{"a":[1]},[[]]])", 3));
  EXPECT_FALSE(fits(R"([{"a":[1]},[[]]])", 2));
  EXPECT_FALSE(fits(R"([1,{"a":{}}])", 2));
}

}  // namespace
}  // namespace sluice
