#include <deque>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "journal/journal.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

struct Written {
  std::uint64_t seq;
  std::string topic;
  std::string payload;
};

/// Random appends, reads and releases against two deques: what is not read yet, and what is read
/// but not released, whose bytes must still be there.
class JournalModel {
 public:
  explicit JournalModel(std::mt19937& random) : random_(random) {}

  void append() {
    const Written message{.seq = next_seq_,
                          .topic = std::string(random_() % 30, letter()),
                          .payload = std::string(random_() % 900, letter())};
    const AppendResult result = journal_.append(
        {.received = test::kTestEpoch, .topic = message.topic, .payload = message.payload});
    if (message.topic.size() + message.payload.size() > kMaxRecord) {
      ASSERT_EQ(result, AppendResult::kTooLarge);
      return;
    }
    if (result == AppendResult::kFull) {
      ++times_full;
      ASSERT_GT(unread_.size() + held_.size(), 0U) << "full, though everything is released";
      return;
    }
    ASSERT_EQ(result, AppendResult::kAppended);
    unread_.push_back(message);
    ++next_seq_;
  }

  void read() {
    JournalRecord record;
    ASSERT_EQ(journal_.read(record), !unread_.empty());
    if (unread_.empty()) return;
    ASSERT_EQ(record.seq, unread_.front().seq);
    held_.push_back({record, unread_.front()});
    unread_.pop_front();
    check(held_.back());
  }

  void release() {
    if (held_.empty()) return;
    for (const auto& held : held_) check(held);
    const std::size_t count = 1 + random_() % held_.size();
    journal_.release(held_[count - 1].second.seq);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  void check_numbers() const {
    ASSERT_EQ(journal_.backlog(), unread_.size());
    ASSERT_EQ(journal_.appended(), next_seq_ - 1);
    ASSERT_LE(journal_.used_bytes(), journal_.capacity_bytes());
  }

  int times_full = 0;

 private:
  static constexpr std::size_t kMaxRecord = 800;
  using Held = std::pair<JournalRecord, Written>;

  char letter() { return static_cast<char>('a' + random_() % 26); }
  static void check(const Held& held) {
    ASSERT_EQ(held.first.message.topic, held.second.topic);
    ASSERT_EQ(held.first.message.payload, held.second.payload);
  }

  std::mt19937& random_;
  Journal journal_{{.max_bytes = 5 * 4096, .max_record_bytes = kMaxRecord, .segment_bytes = 4096}};
  std::deque<Written> unread_;
  std::deque<Held> held_;
  std::uint64_t next_seq_ = 1;
};

class JournalModelTest : public testing::TestWithParam<unsigned> {};

TEST_P(JournalModelTest, AgreesWithADeque) {
  std::mt19937 random(GetParam());
  JournalModel model(random);
  for (int step = 0; step < 30000; ++step) {
    // Phases in which one of the three gets ahead, so that full and empty both come up.
    const unsigned phase = static_cast<unsigned>(step / 500) % 4;
    const unsigned draw = random() % 10;
    if (draw < (phase == 0 ? 7U : 3U)) {
      model.append();
    } else if (draw < (phase == 1 ? 9U : 7U)) {
      model.read();
    } else if (phase != 2 || draw == 9) {
      model.release();
    }
    model.check_numbers();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(model.times_full, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, JournalModelTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace sluice
