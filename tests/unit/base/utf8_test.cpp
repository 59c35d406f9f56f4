#include "base/utf8.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Utf8, DecodesEachLength) {
  EXPECT_EQ(first_utf8("a").value, U'a');
  EXPECT_EQ(first_utf8("\xC3\xA9").value, U'\u00e9');
  EXPECT_EQ(first_utf8("\xE2\x82\xAC").value, U'\u20ac');
  EXPECT_EQ(first_utf8("\xF0\x9F\x8C\x8D").value, U'\U0001F30D');
  EXPECT_EQ(first_utf8("\xF0\x9F\x8C\x8D").size, 4);
}

TEST(Utf8, RejectsWhatUnicodeForbids) {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(first_utf8(bad).valid);
    EXPECT_EQ(first_utf8(bad).size, 1);
  }
}

TEST(Utf8, RejectsATruncatedSequence) {
  EXPECT_FALSE(first_utf8("\xC3").valid);
  EXPECT_FALSE(first_utf8("\xE2\x82").valid);
  EXPECT_FALSE(first_utf8("\xE2(\xA1").valid);
}

TEST(Utf8, AReplacementCharacterIsValid) {
  EXPECT_TRUE(first_utf8(kReplacementUtf8).valid);
  EXPECT_EQ(first_utf8(kReplacementUtf8).value, kReplacementCharacter);
}

TEST(Utf8, PrefixEndsBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("a\xC3\xA9", 2), "a");
  EXPECT_EQ(utf8_prefix("a\xC3\xA9", 3), "a\xC3\xA9");
  EXPECT_EQ(utf8_prefix("\xF0\x9F\x8C\x8D", 3), "");
}

}  // namespace
}  // namespace sluice
