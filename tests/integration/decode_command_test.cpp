// `sluice decode` from outside: what its arguments mean, and what it exits with.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child_process.h"

namespace sluice::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPublicText =
    "15021020112AF5662A069BC640EB98F5A17F58129118A4DFECE48F44745E4C654974F8C1EDABC1";
constexpr const char* kScopedText = "14ecb2000000112a6016aae925d78965ba02cd227a61af4527";
constexpr const char* kAck = "0d00f87c0ce0";
constexpr const char* kCutShort = "150511";

/// Runs it with `input` behind a pipe. The words need no quoting.
class DecodeCommandTest : public ::testing::Test {
 protected:
  int run(const std::string& words, const std::string& input = "") {
    ChildProcess shell(
        {"sh", "-c", "printf '" + input + "' | '" SLUICE_BINARY "' decode " + words});
    const int status = shell.wait_exit();
    output_ = shell.output();
    return status;
  }
  std::string output_;
};

TEST_F(DecodeCommandTest, TakesPacketsBeforeAndBehindTheOptions) {
  const std::string packet = kScopedText;
  for (const std::string& words : std::vector<std::string>{
           "--region europe " + packet,
           "--region=europe " + packet,
           packet + " --region europe",
           "--hashtag test --region europe " + packet,
           "--hashtag=test " + packet + " --region europe",
           "--channel-key N=00112233445566778899aabbccddeeff --region europe " + packet,
           "--region europe --no-colour " + packet,
       }) {
    SCOPED_TRACE(words);
    EXPECT_EQ(run(words, kAck), 0) << output_;
    EXPECT_THAT(output_, HasSubstr("scope #europe"));
    EXPECT_THAT(output_, Not(HasSubstr("ACK")));  // which is what standard input has
  }
}

TEST_F(DecodeCommandTest, TakesEachOptionMoreThanOnce) {
  EXPECT_EQ(run(std::string("--region mars --region europe ") + kScopedText), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("scope #europe"));
  EXPECT_EQ(
      run(std::string("--hashtag a --hashtag b --channel-key A=00112233445566778899aabbccddeeff "
                      "--channel-key B=ffeeddccbbaa99887766554433221100 ") +
          kPublicText),
      0)
      << output_;
  EXPECT_THAT(output_, HasSubstr("GRP_TXT on Public: Alice: Hi all"));
}

TEST_F(DecodeCommandTest, ReadsItsInputWhereTheDashStands) {
  const std::string input = std::string(kAck) + "\\n\\n" + kScopedText + "\\n";
  EXPECT_EQ(run("--json", input), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("\"type\":\"ACK\""));
  EXPECT_THAT(output_, HasSubstr("\"transportCodes\""));
  for (const char* const words : {"--json -", "--json --region europe -", "--json -- -"}) {
    SCOPED_TRACE(words);
    EXPECT_EQ(run(words, input), 0) << output_;
    EXPECT_THAT(output_, HasSubstr("\"type\":\"ACK\""));
  }
  EXPECT_EQ(run(std::string("--json ") + kPublicText + " - " + kCutShort, input), 1) << output_;
  const std::size_t text = output_.find("Alice");
  const std::size_t ack = output_.find("\"type\":\"ACK\"");
  const std::size_t bad = output_.find("\"valid\":false");
  EXPECT_LT(text, ack);
  EXPECT_LT(ack, bad);
  EXPECT_NE(bad, std::string::npos);
}

TEST_F(DecodeCommandTest, ExitsWithWhatItFound) {
  EXPECT_EQ(run(kAck), 0);
  EXPECT_EQ(run(""), 0);
  EXPECT_EQ(run(std::string(kAck) + ' ' + kCutShort), 1);
  EXPECT_EQ(run("-", kCutShort), 1);
  EXPECT_EQ(run(std::string("--no-such-option ") + kAck), 2);
  EXPECT_EQ(run(std::string("--region")), 2);
  EXPECT_EQ(run(std::string("--channel-key N=zz ") + kAck), 2);
  EXPECT_THAT(output_, HasSubstr("expected NAME=HEX"));
  EXPECT_THAT(output_, Not(HasSubstr("zz")));  // part of a key, perhaps
}

TEST_F(DecodeCommandTest, SaysWhenItsOutputIsLost) {
  EXPECT_EQ(run(std::string(kAck) + " > /dev/full"), 1);
  EXPECT_THAT(output_, HasSubstr("standard output"));
  // More than a buffer, so that it shows on the way.
  EXPECT_EQ(run("- > /dev/full", "%0400000d\\n"), 1);
}

}  // namespace
}  // namespace sluice::test
