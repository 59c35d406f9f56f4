#include "app/command_line.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::ElementsAre;

CommandLine parse(std::vector<std::string> words) {
  words.insert(words.begin(), "sluice");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

template <typename Command>
Command command(const std::vector<std::string>& words) {
  const CommandLine line = parse(words);
  const auto* found = std::get_if<Command>(&line);
  EXPECT_NE(found, nullptr);
  return found != nullptr ? *found : Command{};
}

/// -1 when there was something to run.
int refused_with(const std::vector<std::string>& words) {
  const CommandLine line = parse(words);
  const auto* exit = std::get_if<ExitNow>(&line);
  return exit != nullptr ? exit->code : -1;
}

TEST(CommandLine, WindowsHaveTheRangeOfTheFile) {
  EXPECT_EQ(command<RunCommand>({"run", "--group-commit-ms", "0"}).group_commit_ms, 0);
  EXPECT_EQ(command<RunCommand>({"run", "--group-commit-ms", "600000"}).group_commit_ms, 600'000);
  for (const char* const beyond : {"600001", "9223372036854775807", "9223372036854775808", "-1"})
    EXPECT_EQ(refused_with({"run", "--group-commit-ms", beyond}), 2) << beyond;
  EXPECT_EQ(refused_with({"ingest", "-", "--db", "x", "--group-commit-ms", "600001"}), 2);
  EXPECT_EQ(refused_with({"run", "--group-commit-max-rows", "0"}), 2);
  EXPECT_EQ(refused_with({"run", "--group-commit-max-rows", "10000001"}), 2);
}

TEST(CommandLine, OptionsOfDecodeTakeOneValueEach) {
  const auto decode =
      command<DecodeCommand>({"decode", "--hashtag", "a", "AA", "--region", "b", "BB",
                              "--channel-key", "c=00", "-", "--hashtag=d", "CC"});
  EXPECT_THAT(decode.packets, ElementsAre("AA", "BB", "-", "CC"));
  EXPECT_THAT(decode.hashtags, ElementsAre("a", "d"));
  EXPECT_THAT(decode.regions, ElementsAre("b"));
  EXPECT_THAT(decode.channel_keys, ElementsAre("c=00"));
}

TEST(CommandLine, TakesTheGoIngestorsSpellings) {
  EXPECT_EQ(command<RunCommand>({"run", "-config", "x.json"}).config_path, "x.json");
  EXPECT_EQ(command<RunCommand>({"run", "-config=x.json"}).config_path, "x.json");
}

}  // namespace
}  // namespace sluice
