#include "journal/recovery.h"

#include <algorithm>
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

  /// Receives into so many segments while the database stands still, commits all of it, and goes on
  /// to `last` with the database close behind.
  void live_through_a_backlog(std::uint64_t last, std::size_t segments) {
    JournalDirectory directory(directory_.path());
    const JournalOptions options = small_journal(64);
    Journal journal(directory.create("source", options), options);
    while (journal.used_bytes() < segments * kSmallSegment)
      append_up_to(journal, journal.appended() + 1);
    while (journal.appended() < last) {
      read_and_release(journal, journal.appended());
      append_up_to(journal, std::min(last, journal.appended() + 5));
    }
    path_ = journal.file().path();
  }

  [[nodiscard]] JournalFile open() { return JournalFile::open(path_); }

  [[nodiscard]] std::vector<std::uint64_t> recovered_behind(std::uint64_t committed) {
    JournalFile file = open();
    const RecoveredRange range = find_uncommitted(file, committed);
    if (range.runs.empty()) return {};
    Journal journal(std::move(file), range);
    EXPECT_EQ(journal.backlog(), range.count());
    std::vector<std::uint64_t> found = read_numbers(journal);
    EXPECT_EQ(found.size(), range.count());
    EXPECT_EQ(journal.backlog(), 0U);
    EXPECT_EQ(range.missing, found.back() - committed - found.size());
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

/// A backlog has once stretched the journal, so its first segments are as they were then.
TEST_F(RecoveryTest, FindsTheNewestBehindSegmentsOfABacklogLongAgo) {
  live_through_a_backlog(1000, 6);
  EXPECT_THAT(recovered_behind(990), ElementsAreArray(numbers(991, 1000)));
  const std::vector<std::uint64_t> all = recovered_behind(0);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front(), 1U) << "the first segment was not used again";
  EXPECT_EQ(all.back(), 1000U);
  for (std::uint64_t committed = 0; committed < 1000; committed += 7) {
    const auto behind = std::upper_bound(all.begin(), all.end(), committed);
    ASSERT_THAT(recovered_behind(committed), ElementsAreArray(std::vector(behind, all.end())))
        << committed;
  }
}

TEST_F(RecoveryTest, SaysWhatAnOlderDatabaseCannotGetBack) {
  live(5000, 4970, 5);
  JournalFile file = open();
  const RecoveredRange range = find_uncommitted(file, 7);
  ASSERT_FALSE(range.runs.empty());
  EXPECT_GT(range.runs.front().first_seq, 8U);
  EXPECT_EQ(range.missing, range.runs.front().first_seq - 8);
  EXPECT_EQ(range.runs.back().last_seq, 5000U);
}

TEST_F(RecoveryTest, PassesOverASegmentsRestBehindARecordThatIsNotWhole) {
  live(200, 0);
  const std::string text = content();
  // One byte in the middle of record 60's payload, as if its page had not reached the disk.
  const std::size_t place = text.find(payload_of(60));
  ASSERT_NE(place, std::string::npos);
  damage(place + 40, std::string(1, '\0'));
  const std::vector<std::uint64_t> found = recovered_behind(0);
  const auto behind = std::find_if(found.begin(), found.end(), [](auto seq) { return seq > 59; });
  EXPECT_THAT(std::vector(found.begin(), behind), ElementsAreArray(numbers(1, 59)));
  ASSERT_NE(behind, found.end()) << "the segments behind the hole are whole";
  EXPECT_THAT(std::vector(behind, found.end()), ElementsAreArray(numbers(*behind, 200)));
  EXPECT_THAT(recovered_behind(59), ElementsAreArray(std::vector(behind, found.end())))
      << "whatever is committed of it, a later start finds the same";
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
    ASSERT_TRUE(std::is_sorted(found.begin(), found.end())) << "damage at " << place;
    ASSERT_EQ(std::count(found.begin(), found.end(), 0U), 0) << "damage at " << place;
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
