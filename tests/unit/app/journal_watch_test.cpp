#include "app/journal_watch.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two sources with room for a dozen large messages each, and another process that may lock the
/// database.
class JournalWatchTest : public ::testing::Test {
 protected:
  void receive(int count, std::size_t source = 0) {
    for (; count > 0; --count) {
      test::Message message = test::text_message(++sent_);
      message.payload.append(900'000, ' ');
      sluice_.receive(message, source);
      sluice_.run();
    }
  }
  /// So much that the source's journal is full, and one message more.
  void overfill(std::size_t source = 0) {
    while (dropped(source) == 0) receive(1, source);
  }
  [[nodiscard]] std::uint64_t dropped(std::size_t source = 0) const {
    return sluice_.account(source)
        .receive.dropped[static_cast<std::size_t>(DropReason::kJournalFull)]
        .value();
  }
  void lock() { sluice_.other().execute("BEGIN IMMEDIATE"); }
  /// … and everything that waits is written.
  void unlock() {
    sluice_.other().execute("COMMIT");
    for (int i = 0; i < 200; ++i) sluice_.advance(20ms);
  }
  std::vector<std::string> step() {
    std::vector<std::string> lines;
    for (const WatchdogLine& line : watch_.step()) lines.push_back(line.text);
    return lines;
  }
  [[nodiscard]] std::string line(const std::string& more = "") const {
    return "[ingest-buffer] pending=" + std::to_string(sluice_.ledger().totals().in_flight) +
           " dropped_total=" + std::to_string(dropped(0) + dropped(1)) + more;
  }

  test::SteppedPipeline sluice_{{.window = 1000ms, .sources = 2, .tweak = [](Config& config) {
                                   config.sluice.journal.max_bytes = 1;  // three segments
                                   config.sluice.journal.max_record_bytes = 1 << 20;
                                 }}};
  JournalWatch watch_{sluice_.pipeline(), sluice_.clock()};
  std::uint32_t sent_ = 0;
};

TEST_F(JournalWatchTest, IsQuietWhileThereIsRoom) {
  receive(5);
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_THAT(watch_.reasons(), IsEmpty());
}

TEST_F(JournalWatchTest, TellsOfTheFirstDropAtOnceAndThenOnceASecond) {
  lock();
  overfill();
  EXPECT_THAT(step(), ElementsAre(line()));
  receive(1);
  EXPECT_THAT(step(), IsEmpty());
  sluice_.clock().advance(999ms);
  receive(1);
  EXPECT_THAT(step(), IsEmpty());
  sluice_.clock().advance(1ms);
  EXPECT_THAT(step(), ElementsAre(line()));
  sluice_.clock().advance(5s);
  EXPECT_THAT(step(), IsEmpty()) << "nothing more was dropped";
  unlock();
}

TEST_F(JournalWatchTest, TellsOnceThatThereIsRoomAgain) {
  lock();
  overfill();
  overfill(1);
  EXPECT_EQ(step().size(), 1U);
  unlock();
  EXPECT_THAT(step(), IsEmpty()) << "nobody has found it yet";
  receive(1);
  EXPECT_THAT(step(), IsEmpty()) << "the other source is not well yet";
  receive(1, 1);
  EXPECT_THAT(step(), ElementsAre(line(": there is room again")));
  sluice_.clock().advance(5s);
  receive(1);
  EXPECT_THAT(step(), IsEmpty());
}

TEST_F(JournalWatchTest, IsAReasonToBeDegradedUntilAMinuteAfterTheLastDrop) {
  lock();
  overfill();
  receive(2);
  static_cast<void>(step());
  EXPECT_THAT(watch_.reasons(),
              ElementsAre("the journal of source-0 is full, 3 messages are lost"));
  unlock();
  receive(1);
  static_cast<void>(step());
  EXPECT_THAT(watch_.reasons(),
              ElementsAre("the journal of source-0 was full, 3 messages are lost"));
  sluice_.clock().advance(60s);
  static_cast<void>(step());
  EXPECT_THAT(watch_.reasons(), IsEmpty());
  lock();
  overfill(1);
  receive(14);
  static_cast<void>(step());
  EXPECT_EQ(watch_.reasons().size(), 2U);
  unlock();
}

TEST_F(JournalWatchTest, ASourceWhoseBrokerWaitsHasLostNothing) {
  lock();
  Intake intake = sluice_.pipeline().intake(0);
  const std::string large(900'000, ' ');
  const IncomingMessage message{.received = sluice_.clock().wall(), .topic = "t", .payload = large};
  while (intake.take_if_room(message) == AppendResult::kAppended) {
  }
  EXPECT_THAT(step(), IsEmpty()) << "the source itself says that it has hung up";
  EXPECT_THAT(watch_.reasons(),
              ElementsAre("the journal of source-0 is full, its broker has to wait"));
  sluice_.run();
  unlock();
  EXPECT_EQ(intake.take_if_room(message), AppendResult::kAppended);
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_THAT(watch_.reasons(), IsEmpty());
}

}  // namespace
}  // namespace sluice
