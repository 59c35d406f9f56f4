#include "receive/feed.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr FeedOptions kOptions{
    .batch_messages = 10, .batch_bytes = 1000, .linger = 5ms, .linger_in_window = 25ms};

class FeedTest : public testing::Test {
 protected:
  void build(std::size_t sources, const FeedOptions& options = kOptions,
             std::size_t queue_batches = 256) {
    queue_.emplace(queue_batches);
    out_.emplace(*queue_);
    std::vector<Feed::Source> wired;
    for (std::size_t i = 0; i < sources; ++i) {
      journals_.emplace_back(
          JournalOptions{.max_bytes = 1U << 20U, .max_record_bytes = 4096, .segment_bytes = 16384});
      accounts_.emplace_back("source");
      flows_.emplace_back();
      wired.push_back({&journals_.back(), &accounts_.back(), &flows_.back()});
    }
    feed_.emplace(std::move(wired), *queue_, window_, options, clock_, sizes_);
  }

  void append(int count, std::size_t bytes = 1, std::size_t source = 0) {
    const std::string payload(bytes, 'x');
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(journals_[source].append(
                    {.received = clock_.wall(), .topic = "topic", .payload = payload}),
                AppendResult::kAppended);
    }
  }

  /// Polls until feed has nothing to do; the sizes of what came out.
  std::vector<std::size_t> cut_sizes() {
    std::vector<std::size_t> sizes;
    for (const auto& batch : cut()) sizes.push_back(batch->size());
    return sizes;
  }
  std::vector<std::unique_ptr<Batch>> cut() {
    while (feed_->poll() != 0) {
    }
    std::vector<std::unique_ptr<Batch>> batches;
    while (auto batch = out_->try_pop()) batches.push_back(std::move(batch));
    return batches;
  }

  using Sizes = std::vector<std::size_t>;

  test::ManualClock clock_;
  std::deque<Journal> journals_;
  std::deque<SourceLedger> accounts_;
  std::deque<SourceFlow> flows_;
  Histogram sizes_;
  std::optional<HandleQueue<Batch>> queue_;
  std::optional<HandleQueue<Batch>::Consumer> out_;
  WindowFlow window_;
  std::optional<Feed> feed_;
};

TEST_F(FeedTest, CutsFullBatchesAtOnce) {
  build(1);
  append(20);
  EXPECT_EQ(cut_sizes(), (Sizes{10, 10}));
}

TEST_F(FeedTest, SmallerBatchWaitsForCompanyUntilTheLingerIsOver) {
  build(1);
  append(3);
  EXPECT_EQ(cut_sizes(), Sizes{});
  EXPECT_EQ(feed_->next_deadline(), clock_.mono() + 5ms);
  clock_.advance(4999us);
  append(1);
  EXPECT_EQ(cut_sizes(), Sizes{});
  clock_.advance(1us);
  EXPECT_EQ(cut_sizes(), Sizes{4});
  EXPECT_EQ(feed_->next_deadline(), MonoTime::max());
}

TEST_F(FeedTest, WhileAWindowIsOpenItLingersLonger) {
  build(1);
  window_.open_until(clock_.mono() + 100ms);
  append(3);
  EXPECT_EQ(cut_sizes(), Sizes{});
  clock_.advance(24ms);
  EXPECT_EQ(cut_sizes(), Sizes{});
  EXPECT_EQ(feed_->next_deadline(), clock_.mono() + 1ms);
  clock_.advance(1ms);
  EXPECT_EQ(cut_sizes(), Sizes{3});
}

TEST_F(FeedTest, LingersNoLongerWhenTheJournalFills) {
  build(1);
  window_.open_until(clock_.mono() + 100ms);
  append(50, 4000);  // a fifth of the journal, and nothing is released
  EXPECT_EQ(cut().size(), 41U);
  EXPECT_EQ(journals_[0].backlog(), 9U);
  clock_.advance(5ms);
  EXPECT_FALSE(cut().empty());
}

TEST_F(FeedTest, LooksNowAndThenWhileItLingersLonger) {
  build(1);
  window_.open_until(clock_.mono() + 100ms);
  append(3);
  EXPECT_EQ(cut_sizes(), Sizes{});
  EXPECT_EQ(feed_->next_deadline(), clock_.mono() + 5ms);
  clock_.advance(5ms);
  window_.closed();  // it was full
  EXPECT_EQ(cut_sizes(), Sizes{3});
}

TEST_F(FeedTest, IsThereBeforeTheWindowCloses) {
  build(1);
  window_.open_until(clock_.mono() + 20ms);
  append(3);
  EXPECT_EQ(cut_sizes(), Sizes{});
  clock_.advance(14ms);
  EXPECT_EQ(cut_sizes(), Sizes{});
  clock_.advance(1ms);
  EXPECT_EQ(cut_sizes(), Sizes{3});
  append(3);  // too late for it
  EXPECT_EQ(cut_sizes(), Sizes{});
  EXPECT_EQ(feed_->next_deadline(), clock_.mono() + 5ms);
  clock_.advance(5ms);
  EXPECT_EQ(cut_sizes(), Sizes{3});
}

TEST_F(FeedTest, IsToldOfTheFirstMessageAndNotOfItsCompany) {
  build(2);
  EXPECT_EQ(cut_sizes(), Sizes{});
  append(1);
  EXPECT_TRUE(journals_[0].reader_waits());
  append(1);
  EXPECT_FALSE(journals_[0].reader_waits()) << "once is enough";
  EXPECT_EQ(cut_sizes(), Sizes{});
  append(1);
  EXPECT_FALSE(journals_[0].reader_waits()) << "it lingers";
  EXPECT_TRUE(journals_[1].reader_waits()) << "but not for this one";
  clock_.advance(5ms);
  EXPECT_EQ(cut_sizes(), Sizes{3});
  append(1);
  EXPECT_TRUE(journals_[0].reader_waits());
}

TEST_F(FeedTest, CompanyThatFillsTheBatchEndsTheWait) {
  build(1);
  append(9);
  EXPECT_EQ(cut_sizes(), Sizes{});
  append(1);
  EXPECT_EQ(cut_sizes(), Sizes{10});
}

TEST_F(FeedTest, RestOfACutBeginsAWaitOfItsOwn) {
  build(1);
  append(12);
  EXPECT_EQ(cut_sizes(), Sizes{10});
  EXPECT_EQ(feed_->next_deadline(), clock_.mono() + 5ms);
  clock_.advance(5ms);
  EXPECT_EQ(cut_sizes(), Sizes{2});
}

TEST_F(FeedTest, WithoutLingerNothingWaits) {
  build(1, {.batch_messages = 10, .batch_bytes = 1000, .linger = 0ms});
  append(1);
  EXPECT_EQ(cut_sizes(), Sizes{1});
}

TEST_F(FeedTest, CutsAtTheBytesToo) {
  build(1);
  append(10, 400);
  // The message that crosses the bound still goes along.
  EXPECT_EQ(cut_sizes(), (Sizes{3}));
  clock_.advance(5ms);
  EXPECT_EQ(cut_sizes(), (Sizes{3}));
  journals_[0].close_input();
  EXPECT_EQ(cut_sizes(), (Sizes{3, 1}));
}

TEST_F(FeedTest, MessageLargerThanABatchTravelsAlone) {
  build(1);
  append(2, 3000);
  journals_[0].close_input();
  EXPECT_EQ(cut_sizes(), (Sizes{1, 1}));
}

TEST_F(FeedTest, ClosedInputIsCutAtOnce) {
  build(1);
  append(3);
  EXPECT_EQ(cut_sizes(), Sizes{});
  journals_[0].close_input();
  EXPECT_EQ(cut_sizes(), Sizes{3});
}

TEST_F(FeedTest, IsDoneWhenEverySourceIsClosedAndEmpty) {
  build(2);
  append(3, 1, 1);
  journals_[0].close_input();
  feed_->poll();
  EXPECT_FALSE(feed_->done());
  journals_[1].close_input();
  EXPECT_EQ(feed_->poll(), 3U);
  EXPECT_FALSE(feed_->done());
  EXPECT_EQ(feed_->poll(), 0U);
  EXPECT_TRUE(feed_->done());
  EXPECT_NE(out_->try_pop(), nullptr);
  EXPECT_TRUE(out_->drained());
}

TEST_F(FeedTest, WithoutSourcesIsDoneAtOnce) {
  build(0);
  feed_->poll();
  EXPECT_TRUE(feed_->done());
}

TEST_F(FeedTest, NumbersTheBatchesOfEachSource) {
  build(2);
  append(30, 1, 0);
  append(20, 1, 1);
  std::vector<std::uint64_t> next(2, 0);
  for (const auto& batch : cut()) EXPECT_EQ(batch->number(), next[batch->source()]++);
  EXPECT_EQ(next, (std::vector<std::uint64_t>{3, 2}));
}

TEST_F(FeedTest, IsNeverFurtherAheadThanTheReorderPlaces) {
  build(1, {.batch_messages = 1, .batch_bytes = 1000, .linger = 0ms});
  append(static_cast<int>(kReorderPlaces) + 36);
  EXPECT_EQ(cut().size(), kReorderPlaces);
  EXPECT_EQ(feed_->next_deadline(), MonoTime::max());  // dedup's wake-up, not the clock
  EXPECT_TRUE(flows_[0].note_in_order(7));
  EXPECT_EQ(cut().size(), 7U);
  EXPECT_TRUE(flows_[0].note_in_order(kReorderPlaces + 7));
  EXPECT_EQ(cut().size(), 29U);
  journals_[0].close_input();
  cut();
  EXPECT_TRUE(feed_->done());
}

TEST_F(FeedTest, ASourceWithoutCreditDoesNotHoldUpTheOthers) {
  build(2, {.batch_messages = 1, .batch_bytes = 1000, .linger = 0ms});
  append(static_cast<int>(kReorderPlaces) + 1, 1, 0);
  EXPECT_EQ(cut().size(), kReorderPlaces);
  append(3, 1, 1);
  const auto batches = cut();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0]->source(), 1U);
}

TEST_F(FeedTest, SourcesTakeTurns) {
  build(3);
  for (std::size_t source = 0; source < 3; ++source) append(40, 1, source);
  std::vector<std::uint32_t> order;
  for (const auto& batch : cut()) order.push_back(batch->source());
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

TEST_F(FeedTest, ABusySourceDoesNotStarveAQuietOne) {
  build(2);
  append(1000, 1, 0);
  append(1, 1, 1);
  feed_->poll();
  feed_->poll();  // by now the quiet one has been looked at, and its linger has begun
  clock_.advance(5ms);
  EXPECT_EQ(feed_->poll(), 1U);
  EXPECT_EQ(journals_[1].backlog(), 0U);
}

TEST_F(FeedTest, FullQueueKeepsTheBatchAndItsPlaceInTheOrder) {
  build(1, kOptions, 2);
  append(50);
  while (feed_->poll() != 0) {
  }
  EXPECT_EQ(journals_[0].fed(), 30U);  // two in the queue, one in feed's hand
  std::uint64_t seq = 0;
  for (int round = 0; round < 10; ++round) {
    for (const auto& batch : cut()) {
      for (const Entry& entry : batch->entries) EXPECT_EQ(entry.seq, ++seq);
    }
  }
  EXPECT_EQ(seq, 50U);
}

TEST_F(FeedTest, FullQueueIsNotPolledByTheClock) {
  build(2, kOptions, 1);
  append(1, 1, 0);   // lingers
  append(20, 1, 1);  // fills the queue, and feed's hand
  while (feed_->poll() != 0) {
  }
  feed_->poll();
  EXPECT_EQ(feed_->next_deadline(), MonoTime::max());  // the queue's wake-up calls
  clock_.advance(1h);
  EXPECT_EQ(feed_->poll(), 0U);
  EXPECT_EQ(feed_->next_deadline(), MonoTime::max());
}

TEST_F(FeedTest, CountsWhatIsInBatchesUntilTheBatchIsGone) {
  build(1);
  append(10);
  EXPECT_EQ(accounts_[0].in_batches, 0);
  auto batches = cut();
  EXPECT_EQ(accounts_[0].in_batches, 10);
  batches[0]->settle(4);
  EXPECT_EQ(accounts_[0].in_batches, 6);
  batches.clear();
  EXPECT_EQ(accounts_[0].in_batches, 0);
}

TEST_F(FeedTest, EntriesAreViewsOfTheJournal) {
  build(1);
  const WallTime received = clock_.wall();
  ASSERT_EQ(journals_[0].append(
                {.received = received, .topic = "a/b", .payload = "{}", .retained = true}),
            AppendResult::kAppended);
  journals_[0].close_input();
  clock_.advance(1s);
  const auto batches = cut();
  ASSERT_EQ(batches.size(), 1U);
  const Entry& entry = batches[0]->entries[0];
  EXPECT_EQ(entry.seq, 1U);
  EXPECT_EQ(entry.received, received);
  EXPECT_EQ(entry.topic, "a/b");
  EXPECT_EQ(entry.payload, "{}");
  EXPECT_EQ(entry.payload.data(), entry.topic.data() + 3);
  EXPECT_TRUE(entry.retained);
  EXPECT_EQ(entry.kind, Entry::Kind::kUndecoded);
}

TEST_F(FeedTest, RecordsTheSizesOfItsBatches) {
  build(1);
  append(13);
  journals_[0].close_input();
  cut();
  EXPECT_EQ(sizes_.count(), 2U);
  EXPECT_EQ(sizes_.max(), 10U);
}

}  // namespace
}  // namespace sluice
