#include "decode/text_rules.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(TrimSpace, TakesAsciiAndUnicodeSpaceOffBothEnds) {
  EXPECT_EQ(trim_space(""), "");
  EXPECT_EQ(trim_space("a b"), "a b");
  EXPECT_EQ(trim_space(" \t\n\v\f\ra b \r\n"), "a b");
  EXPECT_EQ(trim_space("\xC2\xA0\xE3\x80\x80x\xE2\x80\x83\xC2\x85"), "x");
  EXPECT_EQ(trim_space(" \xE1\x9A\x80 "), "");
}

TEST(TrimSpace, LeavesOtherBytesAlone) {
  EXPECT_EQ(trim_space("\xA0x\x85"), "\xA0x\x85");          // halves of characters
  EXPECT_EQ(trim_space("\xE2\x80\x8Bx"), "\xE2\x80\x8Bx");  // zero width is no white space
  EXPECT_EQ(trim_space(std::string_view("\0x\0", 3)), std::string_view("\0x\0", 3));
}

TEST(EqualsIgnoringCase, FoldsAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("aBz09", "AbZ09"));
  EXPECT_FALSE(equals_ignoring_case("ab", "abc"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(EndsWithIgnoringCase, NeedsTheWholeSuffix) {
  EXPECT_TRUE(ends_with_ignoring_case("-110DBM", "dBm"));
  EXPECT_TRUE(ends_with_ignoring_case("db", "dB"));
  EXPECT_FALSE(ends_with_ignoring_case("b", "dB"));
}

}  // namespace
}  // namespace sluice
