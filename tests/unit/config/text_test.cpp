#include "config/text.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trimmed("  a b\t\r\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, FoldsAsciiOnly) {
  EXPECT_EQ(lower_cased("AbZ[\xc3\x84"), "abz[\xc3\x84");
  EXPECT_EQ(upper_cased("aBz{\xc3\xa4"), "ABZ{\xc3\xa4");
}

TEST(Text, ComparesIgnoringCase) {
  EXPECT_TRUE(equal_ignoring_case("dbPath", "DBPATH"));
  EXPECT_FALSE(equal_ignoring_case("dbPath", "dbPat"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
}

}  // namespace
}  // namespace sluice
