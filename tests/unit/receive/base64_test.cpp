#include "receive/base64.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

TEST(Base64, EncodesTheExamplesOfRfc4648) {
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foob"), "Zm9vYg==");
  EXPECT_EQ(encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, BringsEveryByteBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const std::string_view part = std::string_view(bytes).substr(0, length);
    std::string back;
    ASSERT_TRUE(decode_base64(encode(part), back));
    ASSERT_EQ(back, part);
  }
}

TEST(Base64, TakesTextWithoutItsPadding) {
  std::string out;
  ASSERT_TRUE(decode_base64("Zm8", out));
  EXPECT_EQ(out, "fo");
}

TEST(Base64, RefusesWhatNoEncoderWritesAndLeavesTheOutputAlone) {
  for (const char* text : {"Z", "Zg=", "Zg===", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm9-",
                           "=Zg=", "Zg==Zg=="}) {
    std::string out = "kept";
    EXPECT_FALSE(decode_base64(text, out)) << text;
    EXPECT_EQ(out, "kept") << text;
  }
}

}  // namespace
}  // namespace sluice
