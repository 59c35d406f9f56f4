#include "receive/client_identity.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/log.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class ClientIdentityTest : public testing::Test {
 protected:
  ClientIdentityTest() {
    set_log_sink([this](LogLevel, std::string_view line) { lines_ += std::string(line) + "\n"; });
  }
  ~ClientIdentityTest() override { set_log_sink({}); }

  test::TempDir directory_;
  std::string lines_;
};

TEST_F(ClientIdentityTest, MakesAnIdThatEveryBrokerTakes) {
  const std::string id = client_id_for(directory_.file("a.client"));
  EXPECT_THAT(id, MatchesRegex("sluice-[0-9a-f]+"));
  EXPECT_EQ(id.size(), 23U);
}

TEST_F(ClientIdentityTest, KeepsIt) {
  const std::string id = client_id_for(directory_.file("a.client"));
  EXPECT_EQ(client_id_for(directory_.file("a.client")), id);
  EXPECT_NE(client_id_for(directory_.file("b.client")), id);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(ClientIdentityTest, MakesFoldersAndAFileThatOthersDoNotRead) {
  const std::string file = directory_.file("one/two/a.client");
  static_cast<void>(client_id_for(file));
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.file("one/two"))) {
    static_cast<void>(entry);
    ++files;
  }
  EXPECT_EQ(files, 1U) << "what was written beside it is gone";
}

TEST_F(ClientIdentityTest, ReplacesWhatIsNoIdAndSaysSo) {
  for (const char* content : {"", "sluice-", "sluice-0123456789abcdeg", "sluice-0123456789ABCDEF",
                              "sluice-0123456789abcdef0", "other-0123456789abcdef", "\n"}) {
    const std::string file = directory_.file("a.client");
    std::ofstream(file) << content;
    lines_.clear();
    const std::string id = client_id_for(file);
    EXPECT_EQ(id.size(), 23U);
    EXPECT_THAT(lines_, HasSubstr("a.client")) << content;
    lines_.clear();
    EXPECT_EQ(client_id_for(file), id);
    EXPECT_THAT(lines_, IsEmpty());
  }
}

TEST_F(ClientIdentityTest, ThrowsWhereNoFileCanBe) {
  std::ofstream(directory_.file("file")) << "no folder";
  EXPECT_THROW(static_cast<void>(client_id_for(directory_.file("file/a.client"))),
               std::system_error);
}

TEST(ClientIdFileName, IsSafeAndTellsTagsApart) {
  EXPECT_THAT(client_id_file_name("lab"), MatchesRegex("lab-[0-9a-f]+\\.client"));
  EXPECT_NE(client_id_file_name("a/b"), client_id_file_name("a_b"));
  EXPECT_NE(client_id_file_name("a"), client_id_file_name("a\n1"));
  EXPECT_EQ(client_id_file_name("../../x").find('/'), std::string::npos);
  EXPECT_LT(client_id_file_name(std::string(5000, 'x')).size(), 80U);
  EXPECT_NE(client_id_file_name(std::string(5000, 'x')),
            client_id_file_name(std::string(5001, 'x')));
}

}  // namespace
}  // namespace sluice
