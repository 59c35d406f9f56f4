// Nothing that was received is lost, and nothing is written twice, however often the process dies.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "child_process.h"
#include "crash_traffic.h"
#include "journal/journal_error.h"
#include "journal/recovery.h"
#include "support/other_connection.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kNoEnd = 1'000'000'000;
constexpr std::size_t kFirstPage = 4096;  // of a journal: its header

/// How often to kill, and from which seed: `tools/soak` says more.
std::uint32_t number_from(const char* variable, std::uint32_t fallback) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : fallback;
}

/// One database through many deaths.
class Mortal {
 public:
  explicit Mortal(std::uint32_t seed) : seed_(seed), random_(seed) {}

  /// Starts, lets live for a moment, kills. The moment counts from when the journal is open, which
  /// a slow machine takes long for; a third of the lives end before, or soon after.
  void live_and_die() {
    ChildProcess child(command(kNoEnd));
    if (random_() % 3 != 0) {
      ASSERT_TRUE(child.wait_for(kAlive)) << child.output();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 150'000));
    child.signal(SIGKILL);
    last_exit_ = child.wait_exit();
    ASSERT_EQ(last_exit_, 128 + SIGKILL) << child.output();
    take_stock();
  }

  /// The disk has kept only a part of the newest journal; the database, which syncs, is whole.
  void lose_power() {
    const std::optional<fs::path> newest = newest_journal();
    if (!newest || records_.empty()) return;
    const std::uint64_t committed = position_of(*newest);
    const auto waiting = std::find_if(records_.begin(), records_.end(),
                                      [&](const auto& record) { return record.first > committed; });
    // In the middle of what only the journal has, if there is any: the rest would not be missed.
    const auto first = waiting == records_.end() ? records_.begin() : waiting;
    const auto torn = std::next(
        first, static_cast<std::ptrdiff_t>(random_() % std::distance(first, records_.end())));
    const auto size = fs::file_size(*newest);
    const std::size_t cut =
        torn->second.begin + random_() % (torn->second.end - torn->second.begin);
    fs::resize_file(*newest, cut);
    fs::resize_file(*newest, size);
    // Told by where its bytes lie, not by what recovery makes of them.
    for (const auto& [seq, record] : records_) {
      if (seq > committed && record.end > cut && received_.erase(record.number) != 0) ++lost_;
    }
  }

  /// Lives on until every message is received and written.
  void live_to_the_end() {
    ChildProcess child(command(next_ + 500));
    ASSERT_EQ(child.wait_exit(), 0) << child.output();
    for (; next_ < end_of_life_; ++next_) received_.insert(next_);
  }

  void expect_that_everything_is_there() {
    const CrashTraffic traffic(seed_);
    SteppedPipeline model(
        {.window = 0ms, .tweak = [](Config& config) { config.client_rx_coverage_enabled = true; }});
    model.clock().advance(24h);
    for (const std::size_t number : received_) {
      model.receive(traffic.message(number), 0, CrashTraffic::received(number));
      model.run();
      model.advance(20ms);
    }
    model.finish();
    const std::vector<std::string> expected = table_contents(model.other());
    const std::vector<std::string> got = table_contents(OtherConnection(db_path()));
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
      ASSERT_EQ(got[i], expected[i]) << "row " << i;
    ASSERT_EQ(got.size(), expected.size());
    EXPECT_EQ(count_journals(), 0U) << "what is committed needs no journal";
  }

  [[nodiscard]] std::size_t received() const { return received_.size(); }
  [[nodiscard]] std::size_t deaths_with_backlog() const { return deaths_with_backlog_; }
  [[nodiscard]] std::size_t lost() const { return lost_; }

 private:
  [[nodiscard]] std::vector<std::string> command(std::size_t count) {
    end_of_life_ = count;
    return {SLUICE_CRASH_CHILD, directory_.path().string(), std::to_string(seed_),
            std::to_string(next_), std::to_string(count)};
  }
  [[nodiscard]] std::string db_path() const { return directory_.file("crash.db"); }
  [[nodiscard]] fs::path journals() const { return db_path() + "-sluice"; }

  [[nodiscard]] std::size_t count_journals() const {
    return static_cast<std::size_t>(
        std::count_if(fs::directory_iterator(journals()), fs::directory_iterator(),
                      [](const auto& entry) { return entry.path().extension() == ".journal"; }));
  }
  [[nodiscard]] std::optional<fs::path> newest_journal() const {
    std::optional<fs::path> newest;
    if (!fs::exists(journals())) return newest;
    for (const fs::directory_entry& entry : fs::directory_iterator(journals())) {
      if (entry.path().extension() == ".journal" && (!newest || entry.path() > *newest))
        newest = entry.path();
    }
    return newest;
  }
  [[nodiscard]] std::uint64_t position_of(const fs::path& path) const {
    // The process may have died before it had made its database, or its tables.
    if (!fs::exists(db_path())) return 0;
    const std::string uuid = to_lower_hex(JournalFile::open(path).identity().uuid);
    const OtherConnection database(db_path());
    if (database.rows("SELECT 1 FROM sqlite_master WHERE name = 'sluice_position'").empty())
      return 0;
    const std::vector<std::string> rows =
        database.rows("SELECT seq FROM sluice_position WHERE journal_uuid = '" + uuid + "'");
    return rows.empty() ? 0 : std::strtoull(rows[0].c_str(), nullptr, 10);
  }

  /// What the dead process has appended: it is in the newest journal, if it got so far as to make
  /// one.
  void take_stock() {
    records_.clear();
    const std::optional<fs::path> newest = newest_journal();
    if (!newest) return;
    const JournalFile file = JournalFile::open(*newest);
    std::size_t end = next_;
    const char* const base = reinterpret_cast<const char*>(file.segment(0));
    for_each_record(file, [&](const JournalRecord& record) {
      const std::size_t number = CrashTraffic::number_of(record.message.received);
      const IncomingMessage& message = record.message;
      const auto topic = kFirstPage + static_cast<std::size_t>(message.topic.data() - base);
      records_[record.seq] = {.number = number,
                              .begin = topic - sizeof(journal_format::RecordHeader),
                              .end = topic + message.topic.size() + message.payload.size()};
      end = std::max(end, number + 1);
    });
    // It has taken one after the other; the first ones may have made room for the last.
    for (; next_ < end; ++next_) received_.insert(next_);
    if (!records_.empty() && records_.rbegin()->first > position_of(*newest))
      ++deaths_with_backlog_;
  }

  const TempDir directory_;
  const std::uint32_t seed_;
  std::mt19937 random_;
  std::size_t next_ = 0;         // the first message that no process has received
  std::size_t end_of_life_ = 0;  // of the last start
  std::set<std::size_t> received_;
  struct Record {
    std::size_t number;  // of its message
    std::size_t begin;   // where it lies in the file
    std::size_t end;
  };
  std::map<std::uint64_t, Record> records_;  // of the newest journal, by number
  std::size_t lost_ = 0;                     // with the power
  std::size_t deaths_with_backlog_ = 0;
  int last_exit_ = 0;
};

class Crash : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Crash, KillsLoseAndRepeatNothing) {
  Mortal sluice(GetParam());
  const std::uint32_t kills = number_from("SLUICE_KILLS", 15);
  for (std::uint32_t i = 0; i < kills; ++i) {
    ASSERT_NO_FATAL_FAILURE(sluice.live_and_die());
  }
  ASSERT_NO_FATAL_FAILURE(sluice.live_to_the_end());
  EXPECT_GT(sluice.received(), 100U);
  sluice.expect_that_everything_is_there();
  EXPECT_GT(sluice.deaths_with_backlog(), 0U) << "nothing had to be recovered, nothing is proven";
  RecordProperty("messages", static_cast<int>(sluice.received()));
  RecordProperty("deaths_with_backlog", static_cast<int>(sluice.deaths_with_backlog()));
}

TEST_P(Crash, PowerCutsLoseOnlyWhatWasNotOnDisk) {
  Mortal sluice(GetParam() + 1000);
  const std::uint32_t kills = number_from("SLUICE_KILLS", 15);
  for (std::uint32_t i = 0; i < kills; ++i) {
    ASSERT_NO_FATAL_FAILURE(sluice.live_and_die());
    if (i % 2 == 1) sluice.lose_power();
  }
  ASSERT_NO_FATAL_FAILURE(sluice.live_to_the_end());
  sluice.expect_that_everything_is_there();
  EXPECT_GT(sluice.lost(), 0U) << "no cut met anything that was not committed";
  RecordProperty("lost", static_cast<int>(sluice.lost()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Crash,
                         testing::Range(number_from("SLUICE_SEED", 1),
                                        number_from("SLUICE_SEED", 1) +
                                            number_from("SLUICE_SEEDS", 2)));

}  // namespace
}  // namespace sluice::test
