#include "journal/journal.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace sluice {
namespace {

constexpr std::size_t kSegment = 4096;
constexpr std::size_t kRecord = 1000;

JournalOptions small(std::size_t segments) {
  return {.max_bytes = segments * kSegment, .max_record_bytes = kRecord, .segment_bytes = kSegment};
}

AppendResult append_to(Journal& journal, std::string_view topic, std::string_view payload) {
  return journal.append({.received = test::kTestEpoch, .topic = topic, .payload = payload});
}

class JournalTest : public testing::Test {
 protected:
  AppendResult append(const std::string& payload, const std::string& topic = "t") {
    return append_to(journal_, topic, payload);
  }
  /// Appends records of this size until there is no room; returns how many went in.
  int fill(std::size_t payload_bytes, char letter = 'x') {
    int count = 0;
    while (append(std::string(payload_bytes, letter)) == AppendResult::kAppended) ++count;
    return count;
  }
  std::uint64_t read_all() {
    JournalRecord record;
    std::uint64_t last = journal_.fed();
    while (journal_.read(record)) last = record.seq;
    return last;
  }

  Journal journal_{small(4)};
};

TEST_F(JournalTest, GivesBackWhatWasPutIn) {
  const IncomingMessage message{.received = test::kTestEpoch + std::chrono::microseconds(7),
                                .topic = "meshcore/SJC/A/packets",
                                .payload = std::string_view("{\0}", 3),
                                .message_id = 513,
                                .qos = 1,
                                .retained = true,
                                .duplicate = true};
  ASSERT_EQ(journal_.append(message), AppendResult::kAppended);
  JournalRecord record;
  ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(record.seq, 1U);
  EXPECT_EQ(record.message.received, message.received);
  EXPECT_EQ(record.message.topic, message.topic);
  EXPECT_EQ(record.message.payload, message.payload);
  EXPECT_EQ(record.message.message_id, 513);
  EXPECT_EQ(record.message.qos, 1);
  EXPECT_TRUE(record.message.retained);
  EXPECT_TRUE(record.message.duplicate);
  EXPECT_FALSE(journal_.read(record));
}

TEST_F(JournalTest, TakesEmptyTopicsAndPayloads) {
  ASSERT_EQ(append("", ""), AppendResult::kAppended);
  JournalRecord record;
  ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(record.message.topic, "");
  EXPECT_EQ(record.message.payload, "");
}

TEST_F(JournalTest, BacklogIsWhatWasAppendedAndNotRead) {
  EXPECT_EQ(journal_.backlog(), 0U);
  append("a");
  append("b");
  EXPECT_EQ(journal_.backlog(), 2U);
  EXPECT_EQ(journal_.appended(), 2U);
  JournalRecord record;
  ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(journal_.backlog(), 1U);
  EXPECT_EQ(journal_.fed(), 1U);
}

TEST_F(JournalTest, ClosedIsSaid) {
  EXPECT_FALSE(journal_.input_closed());
  journal_.close_input();
  EXPECT_TRUE(journal_.input_closed());
}

TEST_F(JournalTest, RefusesWhatIsLargerThanTheBound) {
  EXPECT_EQ(append(std::string(kRecord - 1, 'x'), "t"), AppendResult::kAppended);
  EXPECT_EQ(append(std::string(kRecord, 'x'), "t"), AppendResult::kTooLarge);
  EXPECT_EQ(journal_.appended(), 1U);
}

TEST(Journal, RefusesTopicsThatItsHeaderCannotSay) {
  Journal journal({.max_bytes = 1U << 20U, .max_record_bytes = 1U << 17U, .segment_bytes = 4096});
  const std::string longest(65535, 't');
  EXPECT_EQ(append_to(journal, longest, ""), AppendResult::kAppended);
  EXPECT_EQ(append_to(journal, longest + "t", ""), AppendResult::kTooLarge);
}

TEST(Journal, HasRoomForTheLargestRecordWhateverTheSegmentSize) {
  Journal journal({.max_bytes = 1, .max_record_bytes = 100'000, .segment_bytes = 1});
  const std::string payload(100'000, 'p');
  // Three segments at least: two in use do not keep the third from being written.
  EXPECT_EQ(append_to(journal, "", payload), AppendResult::kAppended);
  EXPECT_EQ(append_to(journal, "", payload), AppendResult::kAppended);
  EXPECT_EQ(append_to(journal, "", payload), AppendResult::kAppended);
  EXPECT_EQ(append_to(journal, "", payload), AppendResult::kFull);
}

TEST_F(JournalTest, RunsOverSegmentBoundaries) {
  const int count = fill(700);
  ASSERT_GT(count, 8);  // more than two segments' worth
  JournalRecord record;
  for (int i = 1; i <= count; ++i) {
    ASSERT_TRUE(journal_.read(record)) << i;
    ASSERT_EQ(record.seq, static_cast<std::uint64_t>(i));
    ASSERT_EQ(record.message.payload, std::string(700, 'x'));
  }
  EXPECT_FALSE(journal_.read(record));
}

TEST_F(JournalTest, FullChangesNothing) {
  const int count = fill(700);
  EXPECT_EQ(append(std::string(700, 'y')), AppendResult::kFull);
  EXPECT_EQ(journal_.appended(), static_cast<std::uint64_t>(count));
  JournalRecord record;
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(journal_.read(record));
    ASSERT_EQ(record.message.payload, std::string(700, 'x'));
  }
}

TEST_F(JournalTest, ReadingAloneFreesNothing) {
  fill(700);
  read_all();
  EXPECT_EQ(append(std::string(700, 'y')), AppendResult::kFull);
}

TEST_F(JournalTest, ReleaseMakesRoomAgain) {
  const int first_lap = fill(700);
  journal_.release(read_all());
  const int second_lap = fill(700);
  EXPECT_GE(second_lap, first_lap - 8);  // all but the segment that was written last
  EXPECT_EQ(journal_.appended(), static_cast<std::uint64_t>(first_lap + second_lap));
}

TEST_F(JournalTest, NumbersHaveNoGapsOverManyLaps) {
  JournalRecord record;
  std::uint64_t expected = 0;
  for (int lap = 0; lap < 50; ++lap) {
    fill(333);
    while (journal_.read(record)) ASSERT_EQ(record.seq, ++expected);
    journal_.release(expected);
  }
  EXPECT_EQ(journal_.appended(), expected);
  EXPECT_GT(expected, 400U);
}

TEST_F(JournalTest, SegmentIsKeptUntilTheReaderHasLeftIt) {
  // Everything of the first segment is released, but nothing behind it: the reader still has to
  // read the way out of it.
  JournalRecord record;
  const int per_segment = static_cast<int>(kSegment / 800) - 1;
  for (int i = 0; i < per_segment; ++i) append(std::string(700, 'a'));
  journal_.release(read_all());
  fill(700, 'b');
  std::uint64_t b_records = 0;
  while (journal_.read(record)) {
    ASSERT_EQ(record.message.payload, std::string(700, 'b'));
    ++b_records;
  }
  EXPECT_EQ(journal_.fed(), static_cast<std::uint64_t>(per_segment) + b_records);
  EXPECT_EQ(journal_.backlog(), 0U);
}

TEST_F(JournalTest, ViewsStayIntactUntilTheyAreReleased) {
  struct Kept {
    JournalRecord record;
    std::string bytes;
  };
  std::vector<Kept> kept;
  std::uint64_t released = 0;
  char letter = 'a';
  for (int lap = 0; lap < 40; ++lap) {
    fill(400 + static_cast<std::size_t>(lap), letter);
    JournalRecord record;
    while (journal_.read(record)) kept.push_back({record, std::string(record.message.payload)});
    for (const Kept& each : kept) {
      if (each.record.seq <= released) continue;
      ASSERT_EQ(each.record.message.payload, each.bytes);
    }
    released = journal_.fed() - 3;  // never everything
    journal_.release(released);
    letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
  }
}

TEST_F(JournalTest, RecordsAreAlignedAndFollowedByReadablePadding) {
  for (std::size_t size = 0; size < 40; ++size) append(std::string(size, 'x'));
  JournalRecord record;
  unsigned sum = 0;
  while (journal_.read(record)) {
    // A record begins 32 bytes, the header, before its topic.
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.message.topic.data()) % 8, 0U);
    const char* const end = record.message.payload.data() + record.message.payload.size();
    for (std::size_t i = 0; i < kJournalPadding; ++i) sum += static_cast<unsigned char>(end[i]);
  }
  SUCCEED() << sum;
}

TEST_F(JournalTest, PaddingOfTheLastRecordOfASegmentIsReadableToo) {
  Journal journal({.max_bytes = 3 * 4096, .max_record_bytes = 3900, .segment_bytes = 4096});
  const std::string payload(3900, 'x');
  unsigned sum = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(append_to(journal, "", payload), AppendResult::kAppended);
    JournalRecord record;
    ASSERT_TRUE(journal.read(record));
    const char* const end = record.message.payload.data() + record.message.payload.size();
    for (std::size_t k = 0; k < kJournalPadding; ++k) sum += static_cast<unsigned char>(end[k]);
  }
  SUCCEED() << sum;
}

TEST(Journal, WarmSegmentsGoFirst) {
  // A quiet network: whatever the bound, the same few pages are written again and again.
  Journal journal(small(64));
  std::set<const void*> segments;
  JournalRecord record;
  const char* base = nullptr;
  for (int i = 0; i < 2000; ++i) {
    const std::string payload(700, 'x');
    ASSERT_EQ(append_to(journal, "", payload), AppendResult::kAppended);
    ASSERT_TRUE(journal.read(record));
    if (base == nullptr) base = record.message.topic.data() - 32;
    segments.insert(base + (record.message.topic.data() - base) / 4096 * 4096);
    journal.release(record.seq);
  }
  EXPECT_LE(segments.size(), 3U);
  EXPECT_LE(journal.used_bytes(), 3 * kSegment);
}

TEST_F(JournalTest, UsedBytesFollowTheBacklogAndNeverPassTheCapacity) {
  EXPECT_EQ(journal_.capacity_bytes(), 4 * kSegment);
  EXPECT_EQ(journal_.used_bytes(), kSegment);
  fill(700);
  EXPECT_EQ(journal_.used_bytes(), 4 * kSegment);
  journal_.release(read_all());
  while (journal_.used_bytes() == 4 * kSegment) {
    ASSERT_EQ(append(std::string(700, 'x')), AppendResult::kAppended);
  }
  EXPECT_LE(journal_.used_bytes(), 2 * kSegment);
}

}  // namespace
}  // namespace sluice
