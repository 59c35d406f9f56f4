#include "receive/capture_source.h"

#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

std::string line(const std::string& payload, const std::string& more = "") {
  return R"({"t_ms":1,"topic":"meshcore/SJC/A/packets","payload":")" + payload + "\"" + more +
         "}\n";
}

class CaptureSourceTest : public testing::Test {
 protected:
  CaptureSource& open(const std::string& text, std::size_t max_line = 4096) {
    const std::string path = directory_.file("capture.jsonl");
    std::ofstream(path) << text;
    source_.emplace(path, max_line, Intake(journal_, account_), clock_, &feed_wakeup_);
    return *source_;
  }
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    JournalRecord record;
    while (journal_.read(record)) all.emplace_back(record.message.payload);
    return all;
  }
  std::uint64_t dropped(DropReason reason) const {
    return account_.receive.dropped[static_cast<std::size_t>(reason)].value();
  }
  void poll_to_the_end() {
    for (int i = 0; i < 1000 && !source_->done(); ++i) source_->poll();
    ASSERT_TRUE(source_->done());
  }

  test::TempDir directory_;
  test::ManualClock clock_;
  Wakeup feed_wakeup_;
  Journal journal_{{.max_bytes = 3 * 4096, .max_record_bytes = 1000, .segment_bytes = 4096}};
  SourceLedger account_{"capture"};
  std::optional<CaptureSource> source_;
};

TEST_F(CaptureSourceTest, AppendsEachRecordAndEndsWithTheFile) {
  open(line("one") + line("two", R"(,"retain":true,"qos":1)"));
  const auto ticket = feed_wakeup_.prepare();
  EXPECT_EQ(source_->poll(), 2U);
  EXPECT_TRUE(source_->done());
  EXPECT_TRUE(journal_.input_closed());
  EXPECT_NE(feed_wakeup_.prepare(), ticket);
  JournalRecord record;
  ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(record.message.payload, "one");
  EXPECT_FALSE(record.message.retained);
  EXPECT_EQ(record.message.received, clock_.wall());  // not the capture's own clock
  ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(record.message.payload, "two");
  EXPECT_TRUE(record.message.retained);
  EXPECT_EQ(record.message.qos, 1);
  EXPECT_EQ(account_.receive.received.value(), 2U);
}

TEST_F(CaptureSourceTest, TellsFeedOfARecordOnlyIfItHasFoundNone) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += line(std::string(900, 'x'));
  open(lines);
  const auto ticket = feed_wakeup_.prepare();
  source_->poll();
  ASSERT_FALSE(source_->done());  // the journal is full
  EXPECT_EQ(feed_wakeup_.prepare(), ticket) << "nobody has looked";
  payloads();
  journal_.release(journal_.fed());
  ASSERT_FALSE(journal_.has_news());
  source_->poll();
  EXPECT_NE(feed_wakeup_.prepare(), ticket);
}

TEST_F(CaptureSourceTest, EmptyFileTellsFeedOfItsEnd) {
  open("");
  const auto ticket = feed_wakeup_.prepare();
  EXPECT_EQ(source_->poll(), 0U);
  EXPECT_TRUE(source_->done());
  EXPECT_TRUE(journal_.input_closed());
  EXPECT_NE(feed_wakeup_.prepare(), ticket);
}

TEST_F(CaptureSourceTest, MissingFileIsAnException) {
  EXPECT_THROW(CaptureSource(directory_.file("missing"), 100, Intake(journal_, account_), clock_),
               std::system_error);
}

TEST_F(CaptureSourceTest, CountsWhatIsNoRecordAndGoesOn) {
  open("no json\n" + line("good") + "{}\n" + std::string(5000, 'x') + "\n" + line("also good"));
  poll_to_the_end();
  EXPECT_EQ(payloads(), (std::vector<std::string>{"good", "also good"}));
  EXPECT_EQ(account_.receive.received.value(), 5U);
  EXPECT_EQ(dropped(DropReason::kBadCaptureLine), 3U);
  EXPECT_EQ(source_->lines(), 5U);
}

TEST_F(CaptureSourceTest, BadLinesDoNotMakeAPollEndless) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "no json\n";
  open(text);
  EXPECT_EQ(source_->poll(), 256U);
  EXPECT_FALSE(source_->done());
  poll_to_the_end();
  EXPECT_EQ(dropped(DropReason::kBadCaptureLine), 1000U);
}

TEST_F(CaptureSourceTest, FileWithoutASingleRecordIsAFailure) {
  open(
      "\x7f"
      "ELF\n\x01\x02\nnot JSON either");
  poll_to_the_end();
  EXPECT_TRUE(source_->failed());
  EXPECT_EQ(dropped(DropReason::kBadCaptureLine), 3U);
}

TEST_F(CaptureSourceTest, OneRecordMakesACapture) {
  open("no\n" + line("one") + "no\n");
  poll_to_the_end();
  EXPECT_FALSE(source_->failed());
}

TEST_F(CaptureSourceTest, EmptyOrStoppedIsNoFailure) {
  open("\n\n");
  poll_to_the_end();
  EXPECT_FALSE(source_->failed());
  open("no\n");
  source_->stop();
  poll_to_the_end();
  EXPECT_FALSE(source_->failed());
}

TEST_F(CaptureSourceTest, OversizedRecordIsDroppedAndCounted) {
  open(line(std::string(2000, 'x')) + line("good"));
  poll_to_the_end();
  EXPECT_EQ(payloads(), std::vector<std::string>{"good"});
  EXPECT_EQ(dropped(DropReason::kOversized), 1U);
  EXPECT_EQ(account_.receive.received.value(), 2U);
}

TEST_F(CaptureSourceTest, FullJournalIsWaitedFor) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    expected.push_back(std::to_string(i) + std::string(600, 'p'));
    text += line(expected.back());
  }
  open(text);
  std::vector<std::string> got;
  for (int round = 0; round < 100 && !source_->done(); ++round) {
    source_->poll();
    if (!source_->done()) {
      EXPECT_EQ(source_->poll(), 0U);  // full: nothing is lost, nothing is counted
      EXPECT_EQ(source_->next_deadline(), clock_.mono() + 1ms);
    }
    for (std::string& payload : payloads()) got.push_back(std::move(payload));
    journal_.release(journal_.fed());
  }
  EXPECT_EQ(got, expected);
  EXPECT_EQ(account_.receive.received.value(), 60U);
  EXPECT_EQ(dropped(DropReason::kJournalFull), 0U);
}

TEST_F(CaptureSourceTest, OnePollTakesNoMoreThanABatch) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += line("");
  Journal roomy({});
  std::ofstream(directory_.file("long.jsonl")) << text;
  CaptureSource source(directory_.file("long.jsonl"), 4096, Intake(roomy, account_), clock_);
  EXPECT_EQ(source.poll(), 256U);
  EXPECT_EQ(source.poll(), 44U);
  EXPECT_TRUE(source.done());
}

TEST_F(CaptureSourceTest, StopEndsTheInputAtTheNextMessage) {
  open(line("one") + line("two"));
  source_->stop();
  EXPECT_EQ(source_->poll(), 0U);
  EXPECT_TRUE(source_->done());
  EXPECT_TRUE(journal_.input_closed());
  EXPECT_EQ(journal_.appended(), 0U);
}

TEST_F(CaptureSourceTest, StopWhileWaitingForRoomGivesUpTheWaitingMessage) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += line(std::string(600, 'p'));
  open(text);
  source_->poll();
  ASSERT_FALSE(source_->done());
  const auto appended = journal_.appended();
  source_->stop();
  source_->poll();
  EXPECT_TRUE(source_->done());
  EXPECT_EQ(journal_.appended(), appended);
  EXPECT_EQ(account_.receive.received.value(), appended);
}

class IntakeTest : public testing::Test {
 protected:
  IncomingMessage message(std::string_view payload) {
    return {.received = test::kTestEpoch, .topic = "t", .payload = payload};
  }
  std::uint64_t dropped(DropReason reason) const {
    return account_.receive.dropped[static_cast<std::size_t>(reason)].value();
  }
  const std::string big_ = std::string(900, 'x');
  Journal journal_{{.max_bytes = 3 * 4096, .max_record_bytes = 1000, .segment_bytes = 4096}};
  SourceLedger account_{"source"};
  Intake intake_{journal_, account_};
};

TEST_F(IntakeTest, LossySourceDropsTheNewestWhenTheJournalIsFull) {
  for (int i = 0; i < 100; ++i) intake_.take(message(big_));
  const std::uint64_t kept = journal_.appended();
  EXPECT_LT(kept, 100U);
  EXPECT_EQ(account_.receive.received.value(), 100U);
  EXPECT_EQ(dropped(DropReason::kJournalFull), 100 - kept);
  EXPECT_EQ(account_.receive.received_bytes.value(), 100U * 901U);
}

TEST_F(IntakeTest, OversizedIsRefusedByBothKinds) {
  const std::string oversized(2000, 'x');
  intake_.take(message(oversized));
  EXPECT_TRUE(intake_.offer(message(oversized)));
  EXPECT_EQ(dropped(DropReason::kOversized), 2U);
  EXPECT_EQ(account_.receive.received.value(), 2U);
  EXPECT_EQ(journal_.appended(), 0U);
}

TEST_F(IntakeTest, PatientSourceCountsNothingUntilThereIsRoom) {
  std::uint64_t taken = 0;
  while (intake_.offer(message(big_))) ++taken;
  EXPECT_FALSE(intake_.offer(message(big_)));
  EXPECT_EQ(account_.receive.received.value(), taken);
  EXPECT_EQ(dropped(DropReason::kJournalFull), 0U);
}

}  // namespace
}  // namespace sluice
