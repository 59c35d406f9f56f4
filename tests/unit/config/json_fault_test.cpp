#include "config/json_fault.h"

#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace sluice {
namespace {

struct FaultCase {
  const char* text;
  std::size_t line;
  std::size_t column;
  const char* what;
};

class JsonFaultTable : public ::testing::TestWithParam<FaultCase> {};

TEST_P(JsonFaultTable, IsFoundAndNamed) {
  const FaultCase& expected = GetParam();
  const auto fault = find_json_fault(expected.text);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->line, expected.line);
  EXPECT_EQ(fault->column, expected.column);
  EXPECT_EQ(fault->what, expected.what);
}

INSTANTIATE_TEST_SUITE_P(
    Table, JsonFaultTable,
    ::testing::Values(
        FaultCase{"", 1, 1, "expected a value, but the file ends"},
        FaultCase{"{\n  \"a\": 1,\n}", 3, 1, "expected a key in double quotes"},
        FaultCase{"{\"a\": 1 \"b\": 2}", 1, 9, "expected ',' or '}'"},
        FaultCase{"{\"a\" 1}", 1, 6, "expected ':'"},
        FaultCase{"{\"a\": }", 1, 7, "expected a value"},
        FaultCase{"{'a': 1}", 1, 2, "expected a key in double quotes"},
        FaultCase{"[1, 2,\n ]", 2, 2, "expected a value"},
        FaultCase{"[1 2]", 1, 4, "expected ',' or ']'"},
        FaultCase{"{\"a\": tru}", 1, 7, "expected a value"},
        FaultCase{"{\"a\": \"x\ny\"}", 1, 9, "a line break or control character within a string"},
        FaultCase{"{\"a\": \"x", 1, 9, "a string is not closed"},
        FaultCase{"\"\\q\"", 1, 3, "an escape that JSON does not have"},
        FaultCase{"\"\\u12g4\"", 1, 6, "expected four hex digits after \\u"},
        FaultCase{"01", 1, 2, "a number begins with 0"}, FaultCase{"-", 1, 2, "expected a digit"},
        FaultCase{"1.", 1, 3, "expected a digit"}, FaultCase{"1e+", 1, 4, "expected a digit"},
        FaultCase{"{} {}", 1, 4, "expected nothing after the value"},
        FaultCase{"{ // no\n}", 1, 3, "expected a key in double quotes"},
        FaultCase{"[ /* no */ ]", 1, 3, "comments are not allowed (use a \"_comment\" key)"},
        // Columns count characters: the two-byte letter is one.
        FaultCase{"[\"\xc3\xa4\" 1]", 1, 6, "expected ',' or ']'"}));

TEST(JsonFault, FindsNothingInJson) {
  for (const char* text : {"{}", "[]", "null", " true ", "-0.5e-3", "\"\\u00e4\\n\"",
                           "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":false}\n"}) {
    EXPECT_FALSE(find_json_fault(text).has_value()) << text;
  }
}

TEST(JsonFault, EndsOnDeepNesting) {
  const auto fault = find_json_fault(std::string(1'000'000, '['));
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->what, "nested too deeply");
}

// The parser decides; this only explains. So the two must agree on every damaged form of a
// document.
TEST(JsonFault, AgreesWithTheParserOnEveryOneByteDamage) {
  const std::string whole =
      R"({"a": [1, -2.5e3, "x\u0041\n", true], "b": {"c": null, "d": false}, "e": ""})";
  simdjson::dom::parser parser;
  const std::string_view kReplacements = "{}[]:,\"\\0-+.eEtx \n";
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string damaged = whole;
    damaged.erase(place, 1);
    EXPECT_EQ(parser.parse(damaged).error() != simdjson::SUCCESS,
              find_json_fault(damaged).has_value())
        << damaged;
    for (const char replacement : kReplacements) {
      damaged = whole;
      damaged[place] = replacement;
      EXPECT_EQ(parser.parse(damaged).error() != simdjson::SUCCESS,
                find_json_fault(damaged).has_value())
          << damaged;
    }
  }
}

}  // namespace
}  // namespace sluice
