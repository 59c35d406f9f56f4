#include "journal/journal_directory.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "journal/journal_error.h"
#include "journal_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace test;
namespace fs = std::filesystem;

std::vector<std::string> files_in(const fs::path& path) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class JournalDirectoryTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return fs::path(temp_.path()) / "journals"; }
  void leave_behind(const std::string& source, std::uint64_t records) {
    JournalDirectory directory(path());
    Journal journal(directory.create(source, options_), options_);
    append_up_to(journal, records);
  }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(path() / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(const std::string& name) {
    std::ifstream file(path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir temp_;
  const JournalOptions options_ = small_journal(8);
};

TEST_F(JournalDirectoryTest, FindsWhatEarlierStartsHaveLeftOldestFirst) {
  leave_behind("first", 3);
  leave_behind("second", 4);
  JournalDirectory directory(path());
  ASSERT_EQ(directory.found().size(), 2U);
  EXPECT_EQ(directory.found()[0].identity().source, "first");
  EXPECT_EQ(directory.found()[0].identity().run, 1U);
  EXPECT_EQ(directory.found()[1].identity().source, "second");
  EXPECT_EQ(directory.found()[1].identity().run, 2U);
  EXPECT_EQ(find_uncommitted(directory.found()[1], 0).count(), 4U);
}

TEST_F(JournalDirectoryTest, ASecondProcessIsRefused) {
  const JournalDirectory directory(path());
  try {
    const JournalDirectory second(path());
    FAIL() << "locked, and still opened";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(std::to_string(getpid())));
  }
}

TEST_F(JournalDirectoryTest, TheLockEndsWithItsHolder) {
  { const JournalDirectory directory(path()); }
  EXPECT_NO_THROW(JournalDirectory{path()});
}

TEST_F(JournalDirectoryTest, WhatIsNoJournalIsSetAside) {
  leave_behind("good", 3);
  write("0000000009-000.journal", "this is a letter to my grandmother");
  JournalDirectory directory(path());
  EXPECT_EQ(directory.found().size(), 1U);
  EXPECT_THAT(files_in(path()), testing::Contains("0000000009-000.journal.unreadable"));
}

TEST_F(JournalDirectoryTest, ADamagedFirstPageIsSetAside) {
  leave_behind("good", 3);
  std::string bytes = read("0000000001-000.journal");
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  write("0000000001-000.journal", bytes);
  JournalDirectory directory(path());
  EXPECT_TRUE(directory.found().empty());
  EXPECT_THAT(files_in(path()), testing::Contains("0000000001-000.journal.unreadable"));
}

TEST_F(JournalDirectoryTest, AFileThatWasCutInItsFirstPageIsSetAside) {
  leave_behind("good", 3);
  fs::resize_file(path() / "0000000001-000.journal", 1000);
  EXPECT_TRUE(JournalDirectory(path()).found().empty());
}

TEST_F(JournalDirectoryTest, ANewerVersionIsRefusedAndLeftAlone) {
  leave_behind("good", 3);
  std::string bytes = read("0000000001-000.journal");
  bytes[8] = 2;
  write("0000000001-000.journal", bytes);
  EXPECT_THROW(JournalDirectory{path()}, JournalVersionError);
  EXPECT_THAT(files_in(path()), testing::Contains("0000000001-000.journal"));
}

TEST_F(JournalDirectoryTest, AHalfMadeFileIsThrownAway) {
  fs::create_directories(path());
  write("0000000001-000.journal.new", std::string(5000, '\0'));
  EXPECT_TRUE(JournalDirectory(path()).found().empty());
  EXPECT_THAT(files_in(path()), testing::ElementsAre("lock"));
}

TEST_F(JournalDirectoryTest, RemembersWhoseBacklogItIs) {
  {
    JournalDirectory directory(path());
    Journal journal(directory.create("source", options_), options_);
    append_up_to(journal, 1);
    journal.file().bind("0123456789abcdef0123456789abcdef", "/data/mesh.db");
  }
  JournalDirectory directory(path());
  ASSERT_EQ(directory.found().size(), 1U);
  EXPECT_EQ(directory.found()[0].identity().database_uuid, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(directory.found()[0].identity().database_path, "/data/mesh.db");
}

TEST_F(JournalDirectoryTest, RemovingGivesTheRoomBackWhileItIsStillMapped) {
  JournalDirectory directory(path());
  Journal journal(directory.create("source", options_), options_);
  append_up_to(journal, 20);
  journal.file().remove();
  EXPECT_THAT(files_in(path()), testing::ElementsAre("lock"));
}

TEST_F(JournalDirectoryTest, AStartThatReceivedNothingLeavesNothing) {
  leave_behind("source", 0);
  EXPECT_TRUE(JournalDirectory(path()).found().empty());
  EXPECT_THAT(files_in(path()), testing::ElementsAre("lock"));
}

TEST_F(JournalDirectoryTest, ASoundFileThatCannotBeOpenedIsRefusedAndLeftAlone) {
  leave_behind("source", 3);
  fs::rename(path() / "0000000001-000.journal", path() / "elsewhere");
  fs::create_symlink(path() / "nowhere", path() / "0000000001-000.journal");
  EXPECT_THROW(JournalDirectory{path()}, JournalError);
  EXPECT_THAT(files_in(path()), testing::Contains("0000000001-000.journal"));
}

TEST_F(JournalDirectoryTest, AFirstSegmentWithoutRoomIsRefused) {
  JournalDirectory directory(path());
  JournalOptions options = options_;
  options.min_free_bytes = UINT64_MAX / 2;
  EXPECT_THROW(static_cast<void>(directory.create("source", options)), JournalError);
  EXPECT_THAT(files_in(path()), testing::ElementsAre("lock"));
}

TEST(JournalInAFile, TakesNoMoreWhenTheDiskMustKeepRoom) {
  const TempDir temp;
  JournalDirectory directory(temp.path());
  JournalOptions options = small_journal(8);
  Journal journal(directory.create("source", options), options);
  JournalFile starved_file = directory.create("starved", options);
  options.min_free_bytes = UINT64_MAX / 2;
  Journal starved(std::move(starved_file), options);
  EXPECT_TRUE(journal.tend());
  EXPECT_FALSE(starved.tend());
  EXPECT_TRUE(starved.short_of_room());
  append_up_to(starved, 1000);
  EXPECT_LT(starved.appended(), 30U) << "only the first segment was there";
  read_and_release(starved, starved.appended());
  EXPECT_EQ(append_next(starved, payload_of(starved.appended() + 1)), AppendResult::kFull)
      << "the reader may still be in the only segment";
}

TEST(JournalInAFile, IsDurableWhenSyncedOrCommitted) {
  const TempDir temp;
  JournalDirectory directory(temp.path());
  const JournalOptions options = small_journal(8);
  Journal journal(directory.create("source", options), options);
  append_up_to(journal, 10);
  EXPECT_EQ(journal.durable(), 0U);
  journal.ask_sync();
  append_up_to(journal, 11);
  EXPECT_GE(journal.durable(), 10U);
  append_up_to(journal, 15);
  read_and_release(journal, 14);
  EXPECT_GE(journal.durable(), 14U);
}

TEST(JournalInAFile, WhatIsNotAcknowledgedKeepsItsPlace) {
  const TempDir temp;
  JournalDirectory directory(temp.path());
  const JournalOptions options = small_journal(4);
  Journal journal(directory.create("source", options), options);
  journal.acknowledge(0);
  append_up_to(journal, 1'000'000);
  const std::uint64_t full = journal.appended();
  read_and_release(journal, full);
  EXPECT_EQ(append_next(journal, payload_of(full + 1)), AppendResult::kFull);
  journal.acknowledge(full);
  EXPECT_EQ(append_next(journal, payload_of(full + 1)), AppendResult::kAppended);
}

}  // namespace
}  // namespace sluice
