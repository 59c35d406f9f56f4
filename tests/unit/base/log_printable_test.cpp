#include <gtest/gtest.h>

#include "base/log.h"

namespace sluice {
namespace {

TEST(Printable, LetsTextPass) {
  EXPECT_EQ(printable("Grüße 山 \xF0\x9F\x93\xA1"), "Grüße 山 \xF0\x9F\x93\xA1");
}

TEST(Printable, KeepsALineALine) { EXPECT_EQ(printable("a\nb\rc\td\x7f"), "a?b?c?d?"); }

TEST(Printable, DefusesWhatTerminalsObey) {
  EXPECT_EQ(printable("\x1b[2J"), "?[2J");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "?2J");  // U+009B, one character for ESC [
  EXPECT_EQ(printable("a\xE2\x80\xAA"
                      "b\xE2\x80\xAE"
                      "c"),
            "a?b?c");  // left to right, right to left
}

TEST(Printable, ReplacesBytesThatAreNoText) { EXPECT_EQ(printable("a\xFF\xC3"), "a??"); }

}  // namespace
}  // namespace sluice
