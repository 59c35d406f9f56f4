#include "base/text.h"

#include <gtest/gtest.h>

#include "base/letter_case.h"

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

TEST(LetterCase, KnowsTheLettersOfRegionsAndNames) {
  EXPECT_EQ(upper_cased("abz{ äöüß éñø ąćłňřšžő ăâîșț"), "ABZ{ ÄÖÜß ÉÑØ ĄĆŁŇŘŠŽŐ ĂÂÎȘȚ");
  EXPECT_EQ(lower_cased("ABZ[ ÄÖÜẞ ÉÑØ ĄĆŁŇŘŠŽŐ ĂÂÎȘȚ"), "abz[ äöüß éñø ąćłňřšžő ăâîșț");
  EXPECT_EQ(upper_cased("αβγάέόύώς жзиёђќ ўґӣ ոքև ơưạế"), "ΑΒΓΆΈΌΎΏΣ ЖЗИЁЂЌ ЎҐӢ ՈՔև ƠƯẠẾ");
  EXPECT_EQ(lower_cased("ΑΒΓΆΈΌΎΏΣ ЖЗИЁЂЌ ЎҐӢ ՈՔ ƠƯẠẾ"), "αβγάέόύώσ жзиёђќ ўґӣ ոք ơưạế");
  EXPECT_EQ(upper_cased("ÿµıſ"), "ŸΜIS");
  EXPECT_EQ(lower_cased("Ÿİ"), "ÿi");
}

TEST(LetterCase, LeavesTheRestAsItIs) {
  EXPECT_EQ(upper_cased("\xFFx\xC3"), "\xFFX\xC3");  // no UTF-8
  EXPECT_EQ(upper_cased("გ 日本 🦀"), "გ 日本 🦀");
  EXPECT_EQ(lower_cased(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
}

TEST(LetterCase, TakesEachLetterThereAndBack) {
  for (char32_t letter = 0; letter < 0x3000; ++letter) {
    const char32_t small = lower_letter(letter);
    const char32_t capital = upper_letter(letter);
    EXPECT_EQ(lower_letter(small), small) << std::hex << unsigned{letter};
    EXPECT_EQ(upper_letter(capital), capital) << std::hex << unsigned{letter};
    EXPECT_TRUE(small == letter || capital == letter) << std::hex << unsigned{letter};
  }
}

TEST(EqualWhenCased, ComparesWhatTheMappingsWouldGive) {
  EXPECT_TRUE(equal_when_upper_cased("Köln", "kÖLN"));
  EXPECT_TRUE(equal_when_lower_cased("Ватсон", "вАТСОН"));
  EXPECT_TRUE(equal_when_upper_cased("ς", "Σ"));
  EXPECT_FALSE(equal_when_lower_cased("ς", "Σ")) << "Σ becomes σ";
  EXPECT_FALSE(equal_when_upper_cased("köln", "koln"));
  EXPECT_FALSE(equal_when_upper_cased("a", "ab"));
  EXPECT_FALSE(equal_when_upper_cased("\xFF", "\xFE"));
}

TEST(EqualIgnoringCase, FoldsAsciiLettersOnly) {
  EXPECT_TRUE(equal_ignoring_case("aBz09", "AbZ09"));
  EXPECT_TRUE(equal_ignoring_case("dbPath", "DBPATH"));
  EXPECT_FALSE(equal_ignoring_case("ab", "abc"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("ä", "Ä"));
}

TEST(EndsWithIgnoringCase, NeedsTheWholeSuffix) {
  EXPECT_TRUE(ends_with_ignoring_case("-110DBM", "dBm"));
  EXPECT_TRUE(ends_with_ignoring_case("db", "dB"));
  EXPECT_FALSE(ends_with_ignoring_case("b", "dB"));
}

}  // namespace
}  // namespace sluice
