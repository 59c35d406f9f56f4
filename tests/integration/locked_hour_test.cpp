// The database is locked while a network goes on talking: everything waits in the journal, on disk,
// and the process does not grow.

#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "journal/journal_directory.h"
#include "support/process_memory.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kPerSecond = 250;
constexpr std::uint32_t kCopies = 10;  // of a transmission, each by an observer of its own
constexpr std::size_t kMostGrowth = std::size_t{48} << 20U;

/// The hour has 3600; the quick form is a part of it.
std::uint32_t seconds_of_the_hour() {
  const char* const text = std::getenv("SLUICE_LOCKED_S");
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : 240;
}

/// A pipeline with its journal in a file, stepped by the test, and the lock in another hand.
class LockedHour : public ::testing::Test {
 protected:
  LockedHour() {
    config_.sluice.journal.max_bytes = std::int64_t{1} << 30U;
    config_.sluice.journal.min_free_bytes = 0;
    pipeline_.emplace(config_, make_sources(1), clock_, JournalPlace{.directory = &journals_});
    while (pipeline_->keeper().poll() > 0) {
    }
    intake_.emplace(pipeline_->intake(0));
    pipeline_->open_store();
    other_.emplace(config_.db_path);
  }

  void poll_all() {
    for (std::size_t moved = 1; moved > 0;) {
      moved = pipeline_->keeper().poll();
      for (const Pipeline::Seat& seat : pipeline_->seats()) moved += seat.stage->poll();
    }
  }
  /// So many seconds of the network.
  void live(std::uint32_t seconds) {
    for (std::uint32_t tick = 0; tick < seconds * 4; ++tick) {
      for (std::uint32_t i = 0; i < kPerSecond / 4; ++i, ++sent_) {
        const Message message =
            text_message(sent_ / kCopies, fmt::format("OBS{}", sent_ % kCopies));
        intake_->take(
            {.received = clock_.wall(), .topic = message.topic, .payload = message.payload});
      }
      clock_.advance(250ms);
      poll_all();
      memory_.look();
    }
  }
  [[nodiscard]] LedgerTotals totals() const { return pipeline_->metrics().ledger.totals(); }

  TempDir directory_;
  Config config_ = make_config({}, directory_.file("test.db"));
  JournalDirectory journals_{directory_.path() / "journals"};
  ManualClock clock_;
  std::optional<Pipeline> pipeline_;
  std::optional<Intake> intake_;
  std::optional<OtherConnection> other_;
  PeakMemory memory_;
  std::uint32_t sent_ = 0;
};

TEST_F(LockedHour, WaitsOnDiskAndIsWrittenAfterwards) {
  live(20);  // caches, queues, what a running process has
  const std::uint64_t committed = totals().committed + totals().merged;
  EXPECT_GT(committed, 0U);
  memory_ = PeakMemory();
  other_->execute("BEGIN IMMEDIATE");
  live(seconds_of_the_hour());
  EXPECT_LE(totals().committed + totals().merged, committed);
  EXPECT_EQ(totals().received, sent_);
  EXPECT_EQ(totals().dropped_total(), 0U);
  if (memory_can_be_measured()) {
    EXPECT_LT(memory_.growth_bytes(), kMostGrowth);
    RecordProperty("grown_by_bytes", static_cast<int>(memory_.growth_bytes()));
  }

  other_->execute("COMMIT");
  intake_->close();
  while (!pipeline_->seats().back().stage->done()) {
    poll_all();
    clock_.advance(500ms);
    memory_.look();
  }
  ExpectLedgerAtRest(pipeline_->metrics().ledger);
  if (memory_can_be_measured()) {
    EXPECT_LT(memory_.growth_bytes(), kMostGrowth);
  }
  const std::string sent = std::to_string(sent_);
  EXPECT_EQ(other_->value("SELECT count(*) FROM observations"), sent);
  EXPECT_EQ(other_->value("SELECT SUM(packet_count) FROM observers"), sent);
  EXPECT_EQ(other_->value("SELECT count(*) FROM transmissions"),
            std::to_string((sent_ + kCopies - 1) / kCopies));
  pipeline_->close_store();
}

}  // namespace
}  // namespace sluice::test
