#include "journal/recovery.h"

#include <fstream>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace test;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> result(last + 1 - first);
  std::iota(result.begin(), result.end(), first);
  return result;
}

/// A process that has died: what it wrote is in the file, its objects are gone.
class RecoveryTest : public testing::Test {
 protected:
  /// Receives up to `last`, commits and releases up to `released`, and dies.
  void live(std::uint64_t last, std::uint64_t released, std::size_t segments = 64) {
    JournalDirectory directory(directory_.path());
    const JournalOptions options = small_journal(segments);
    Journal journal(directory.create("source", options), options);
    while (journal.appended() < last) {
      append_up_to(journal, std::min(last, journal.appended() + 20));
      const std::uint64_t done = std::min(released, journal.appended());
      if (done > journal.released()) read_and_release(journal, done);
    }
    path_ = journal.file().path();
  }

  [[nodiscard]] JournalFile open() { return JournalFile::open(path_); }

  [[nodiscard]] std::vector<std::uint64_t> recovered_behind(std::uint64_t committed) {
    JournalFile file = open();
    const RecoveredRange range = find_uncommitted(file, committed);
    Journal journal(std::move(file), range);
    std::vector<std::uint64_t> found = read_numbers(journal);
    EXPECT_EQ(found.size(), range.count());
    return found;
  }

  /// Writes over a place in the file.
  void damage(std::size_t offset, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }
  [[nodiscard]] std::string content() {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir directory_;
  std::filesystem::path path_;
};

TEST_F(RecoveryTest, FindsEverythingBehindThePosition) {
  live(200, 0);
  EXPECT_THAT(recovered_behind(0), ElementsAreArray(numbers(1, 200)));
  EXPECT_THAT(recovered_behind(1), ElementsAreArray(numbers(2, 200)));
  EXPECT_THAT(recovered_behind(117), ElementsAreArray(numbers(118, 200)));
  EXPECT_THAT(recovered_behind(199), ElementsAreArray(numbers(200, 200)));
}

TEST_F(RecoveryTest, FindsNothingWhenAllIsCommitted) {
  live(200, 0);
  EXPECT_THAT(recovered_behind(200), IsEmpty());
}

TEST_F(RecoveryTest, FindsNothingWhenTheDatabaseIsAhead) {
  live(200, 0);
  EXPECT_THAT(recovered_behind(10'000), IsEmpty());
}

TEST_F(RecoveryTest, FindsNothingInAJournalThatTookNothing) {
  live(0, 0);
  EXPECT_THAT(recovered_behind(0), IsEmpty());
}

TEST_F(RecoveryTest, SurvivesThatSegmentsWereUsedAgain) {
  live(5000, 4970, 5);
  EXPECT_THAT(recovered_behind(4970), ElementsAreArray(numbers(4971, 5000)));
  EXPECT_THAT(recovered_behind(4999), ElementsAreArray(numbers(5000, 5000)));
}

TEST_F(RecoveryTest, SaysWhatAnOlderDatabaseCannotGetBack) {
  live(5000, 4970, 5);
  JournalFile file = open();
  const RecoveredRange range = find_uncommitted(file, 7);
  EXPECT_GT(range.first_seq, 8U);
  EXPECT_EQ(range.missing, range.first_seq - 8);
  EXPECT_EQ(range.last_seq, 5000U);
}

TEST_F(RecoveryTest, StopsAtARecordThatIsNotWhole) {
  live(200, 0);
  const std::string text = content();
  // One byte in the middle of record 60's payload, as if its page had not reached the disk.
  const std::size_t place = text.find(payload_of(60));
  ASSERT_NE(place, std::string::npos);
  damage(place + 40, std::string(1, '\0'));
  EXPECT_THAT(recovered_behind(0), ElementsAreArray(numbers(1, 59)));
  EXPECT_THAT(recovered_behind(59), IsEmpty()) << "what lies behind a hole is not the next record";
}

TEST_F(RecoveryTest, EveryTruncationLeavesAnUnbrokenRun) {
  live(300, 0);
  const std::string whole = content();
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    const std::size_t cut = 4096 + random() % (whole.size() - 4096);
    {
      std::ofstream file(path_, std::ios::binary | std::ios::trunc);
      file.write(whole.data(), static_cast<std::streamsize>(cut));
    }
    const std::vector<std::uint64_t> found = recovered_behind(0);
    ASSERT_THAT(found, ElementsAreArray(numbers(1, found.size()))) << "cut at " << cut;
  }
}

TEST_F(RecoveryTest, EveryDamageLeavesIntactRecordsOnly) {
  live(300, 0);
  const std::string whole = content();
  std::mt19937 random(8);
  for (int i = 0; i < 300; ++i) {
    {
      std::ofstream file(path_, std::ios::binary | std::ios::trunc);
      file.write(whole.data(), static_cast<std::streamsize>(whole.size()));
    }
    std::string noise(1 + random() % 64, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    const std::size_t place = 4096 + random() % (whole.size() - 4096 - noise.size());
    damage(place, noise);
    const std::vector<std::uint64_t> found = recovered_behind(0);
    if (!found.empty()) {
      ASSERT_THAT(found, ElementsAreArray(numbers(found.front(), found.back())))
          << "damage at " << place;
    }
  }
}

TEST_F(RecoveryTest, APayloadThatImitatesARecordIsNone) {
  // A record of one journal, in the payload of another, at a place where a header would lie.
  live(3, 0);
  const std::string foreign = content().substr(4096 + 32, 600);
  JournalDirectory directory(directory_.path());
  directory.found().clear();
  const JournalOptions options = small_journal(8);
  Journal journal(directory.create("hostile", options), options);
  ASSERT_EQ(append_next(journal, foreign), AppendResult::kAppended);
  path_ = journal.file().path();
  // The process died before the next record was begun; what follows are the payload's bytes.
  JournalFile file = open();
  EXPECT_EQ(find_uncommitted(file, 0).count(), 1U);
}

TEST_F(RecoveryTest, VisitsEveryWholeRecord) {
  live(120, 100);
  std::vector<std::uint64_t> seen;
  const JournalFile file = open();
  for_each_record(file, [&](const JournalRecord& record) { seen.push_back(record.seq); });
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), 120U);
  EXPECT_THAT(seen, ElementsAreArray(numbers(seen.front(), 120)));
}

}  // namespace
}  // namespace sluice
