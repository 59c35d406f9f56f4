#include "config/channel_key_layers.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ChannelKeyEntry kBuiltIn{"Public", "8b3387e9c5cdea6ac9e5edbaa115cd72", false};

class ChannelKeyLayers : public ConfigFixture {
 protected:
  std::vector<ChannelKeyEntry> resolve(std::string_view config) {
    const Config loaded = load(config);
    notes_.clear();
    return resolve_channel_keys(loaded.channels, notes_);
  }

  std::vector<std::string> notes_;
};

TEST_F(ChannelKeyLayers, BeginWithThePublicChannel) {
  EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn));
  EXPECT_TRUE(notes_.empty());  // the rainbow file is missing, which is nothing to speak of
}

TEST_F(ChannelKeyLayers, TakeTheRainbowFileAsItIs) {
  write("channel-rainbow.json", R"({"#b": "22", "public": "33", "#a": "11", "#b": "44"})");
  EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn, ChannelKeyEntry{"#b", "44", false},
                                         ChannelKeyEntry{"public", "33", false},
                                         ChannelKeyEntry{"#a", "11", false}));
}

TEST_F(ChannelKeyLayers, LetTheRainbowFileReplaceTheBuiltIn) {
  write("channel-rainbow.json", R"({"Public": "00"})");
  EXPECT_THAT(resolve("{}"), ElementsAre(ChannelKeyEntry{"Public", "00", false}));
}

TEST_F(ChannelKeyLayers, ReadTheRainbowFileThatIsNamed) {
  write("channel-rainbow.json", R"({"#beside": "1"})");
  write("named.json", R"({"#named": "2"})");
  write("env.json", R"({"#env": "3"})");
  const std::string config = R"({"channelKeysPath": ")" + path("named.json").string() + R"("})";
  EXPECT_THAT(resolve(config), ElementsAre(kBuiltIn, ChannelKeyEntry{"#named", "2", false}));
  set("CHANNEL_KEYS_PATH", path("env.json").string());
  EXPECT_THAT(resolve(config), ElementsAre(kBuiltIn, ChannelKeyEntry{"#env", "3", false}));
  set("CHANNEL_KEYS_PATH", "");
  EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn, ChannelKeyEntry{"#beside", "1", false}));
}

TEST_F(ChannelKeyLayers, SkipARainbowFileThatIsNotUsable) {
  struct Case {
    const char* text;
    const char* note;
  };
  for (const Case& one :
       {Case{R"({"#a": "1", "#b": 2})", "the key of \"#b\" is not a string"},
        Case{R"({"#a": "1",})", "line 1, column 12"}, Case{"[]", "expected an object"}}) {
    write("channel-rainbow.json", one.text);
    EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn));
    EXPECT_THAT(notes_, ElementsAre(HasSubstr(one.note)));
  }
  write("channel-rainbow.json", "null");
  EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn));
  EXPECT_TRUE(notes_.empty());
}

TEST_F(ChannelKeyLayers, SkipARainbowFileThatIsADirectory) {
  std::filesystem::create_directory(path("channel-rainbow.json"));
  EXPECT_THAT(resolve("{}"), ElementsAre(kBuiltIn));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("can't be read")));
}

TEST_F(ChannelKeyLayers, DeriveHashChannels) {
  EXPECT_THAT(
      resolve(R"({"hashChannels": [" test ", "#two", "", "  ", "#test"]})"),
      ElementsAre(kBuiltIn, ChannelKeyEntry{"#test", "", true}, ChannelKeyEntry{"#two", "", true}));
}

TEST_F(ChannelKeyLayers, LetHashChannelsReplaceTheRainbowFile) {
  write("channel-rainbow.json", R"({"#test": "11", "#x": "22"})");
  EXPECT_THAT(resolve(R"({"hashChannels": ["test"]})"),
              ElementsAre(kBuiltIn, ChannelKeyEntry{"#test", "", true},
                          ChannelKeyEntry{"#x", "22", false}));
}

TEST_F(ChannelKeyLayers, LeaveAHashChannelToItsExplicitKey) {
  EXPECT_THAT(resolve(R"({"hashChannels": ["test"], "channelKeys": {"#test": "55"}})"),
              ElementsAre(kBuiltIn, ChannelKeyEntry{"#test", "55", false}));
  // The exact name counts.
  EXPECT_THAT(resolve(R"({"hashChannels": ["test"], "channelKeys": {"#Test": "55"}})"),
              ElementsAre(kBuiltIn, ChannelKeyEntry{"#test", "", true},
                          ChannelKeyEntry{"#Test", "55", false}));
}

TEST_F(ChannelKeyLayers, LetChannelKeysReplaceTheRainbowFile) {
  write("channel-rainbow.json", R"({"#a": "11"})");
  EXPECT_THAT(resolve(R"({"channelKeys": {"#a": "22", "Mine": "33"}})"),
              ElementsAre(kBuiltIn, ChannelKeyEntry{"#a", "22", false},
                          ChannelKeyEntry{"Mine", "33", false}));
}

TEST_F(ChannelKeyLayers, LetOnlyTheExactSpellingReplaceThePublicChannel) {
  EXPECT_THAT(resolve(R"({"channelKeys": {"public": "11"}})"), ElementsAre(kBuiltIn));
  EXPECT_THAT(resolve(R"({"channelKeys": {"PUBLIC": "11"}})"), ElementsAre(kBuiltIn));
  const ChannelKeyEntry replaced{"Public", "22", false};
  EXPECT_THAT(resolve(R"({"channelKeys": {"Public": "22"}})"), ElementsAre(replaced));
  EXPECT_THAT(resolve(R"({"channelKeys": {"public": "11", "Public": "22"}})"),
              ElementsAre(replaced));
  EXPECT_THAT(resolve(R"({"channelKeys": {"Public": "22", "public": "11"}})"),
              ElementsAre(replaced));
}

TEST_F(ChannelKeyLayers, KeepKeysThatCanNeverBeUsed) {
  EXPECT_THAT(resolve(R"({"channelKeys": {"#short": "abc", "#odd": "not hex"}})"),
              ElementsAre(kBuiltIn, ChannelKeyEntry{"#short", "abc", false},
                          ChannelKeyEntry{"#odd", "not hex", false}));
}

}  // namespace
}  // namespace sluice
