#include "config/key_suggestion.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_fixture.h"

namespace sluice {
namespace {

TEST(EditDistance, CountsEachKindOfSlipOnce) {
  EXPECT_EQ(edit_distance("topics", "topics"), 0U);
  EXPECT_EQ(edit_distance("topics", "topcs"), 1U);
  EXPECT_EQ(edit_distance("topics", "ttopics"), 1U);
  EXPECT_EQ(edit_distance("topics", "topixs"), 1U);
  EXPECT_EQ(edit_distance("topics", "tpoics"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(EditDistance, DoesNotCareForCase) { EXPECT_EQ(edit_distance("dbPath", "DBPATH"), 0U); }

TEST(ClosestKey, TakesTheClosest) {
  const std::vector<std::string> known{"username", "password", "retention"};
  EXPECT_EQ(closest_key("usernam", known), "username");
  EXPECT_EQ(closest_key("passwrod", known), "password");
  EXPECT_EQ(closest_key("apiKey", known), "");
}

TEST(ClosestKey, ShortKeysMustBeCloser) {
  const std::vector<std::string> known{"db", "name", "mqtt"};
  EXPECT_EQ(closest_key("dc", known), "");
  EXPECT_EQ(closest_key("nome", known), "name");
  EXPECT_EQ(closest_key("home", known), "");
}

class UnknownKeys : public ConfigFixture {
 protected:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> of(std::string_view json) {
    load(json);
    std::vector<std::pair<std::string, std::string>> keys;
    for (const UnknownKey& key : report_.unknown_keys) keys.emplace_back(key.path, key.meant);
    return keys;
  }
};

TEST_F(UnknownKeys, AreToldWithWhatWasProbablyMeant) {
  EXPECT_THAT(
      of(R"({"hashRegion":[],"theme":1,"retention":{"nodesDays":1}})"),
      testing::ElementsAre(testing::Pair("hashRegion", "hashRegions"), testing::Pair("theme", ""),
                           testing::Pair("retention.nodesDays", "retention.nodeDays")));
}

TEST_F(UnknownKeys, AreFoundWhereTheyBelong) {
  EXPECT_THAT(
      of(R"({"packetDays":1,"maxRecordBytes":5000})"),
      testing::ElementsAre(testing::Pair("packetDays", "retention.packetDays"),
                           testing::Pair("maxRecordBytes", "sluice.journal.maxRecordBytes")));
}

TEST_F(UnknownKeys, AreNoCommentsAndNoOtherSpellings) {
  EXPECT_THAT(of(R"({"_comment_x":1,"DBPATH":"x","LogLevel":"x"})"), testing::IsEmpty());
}

}  // namespace
}  // namespace sluice
