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

/// How often to kill, and from which seed: `tools/soak` says more.
std::uint32_t number_from(const char* variable, std::uint32_t fallback) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : fallback;
}

/// One database through many deaths.
class Mortal {
 public:
  explicit Mortal(std::uint32_t seed) : seed_(seed), random_(seed) {}

  /// Starts, lets live for a moment, kills.
  void live_and_die() {
    ChildProcess child(command(kNoEnd));
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 150'000));
    child.signal(SIGKILL);
    last_exit_ = child.wait_exit();
    ASSERT_EQ(last_exit_, 128 + SIGKILL) << child.output();
    take_stock();
  }

  /// The disk has kept only a part of the newest journal; the database, which syncs, is whole.
  void lose_power() {
    const std::optional<fs::path> newest = newest_journal();
    if (!newest) return;
    const auto size = fs::file_size(*newest);
    if (size <= 4096) return;
    // Most deaths come before the first segment is full: cut where the records are.
    const auto cut = 4096 + random_() % std::min<std::uintmax_t>(size - 4096, 100'000);
    fs::resize_file(*newest, cut);
    fs::resize_file(*newest, size);
    const std::set<std::size_t> left = numbers_in(*newest);
    const std::uint64_t committed = position_of(*newest);
    for (const auto& [seq, number] : newest_records_) {
      if (seq > committed && left.count(number) == 0) received_.erase(number);
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
  [[nodiscard]] std::size_t recovered_deaths() const { return deaths_with_backlog_; }

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
  [[nodiscard]] static std::set<std::size_t> numbers_in(const fs::path& path) {
    std::set<std::size_t> numbers;
    const JournalFile file = JournalFile::open(path);
    const RecoveredRange range = find_uncommitted(file, 0);
    for_each_record(file, [&](const JournalRecord& record) {
      if (record.seq <= range.last_seq)
        numbers.insert(CrashTraffic::number_of(record.message.received));
    });
    return numbers;
  }
  [[nodiscard]] std::uint64_t position_of(const fs::path& path) const {
    const std::string uuid = to_lower_hex(JournalFile::open(path).identity().uuid);
    const OtherConnection database(db_path());
    // The process may have died before it had made its tables.
    if (database.rows("SELECT 1 FROM sqlite_master WHERE name = 'sluice_position'").empty())
      return 0;
    const std::vector<std::string> rows =
        database.rows("SELECT seq FROM sluice_position WHERE journal_uuid = '" + uuid + "'");
    return rows.empty() ? 0 : std::strtoull(rows[0].c_str(), nullptr, 10);
  }

  /// What the dead process has appended: it is in the newest journal, if it got so far as to make
  /// one.
  void take_stock() {
    newest_records_.clear();
    const std::optional<fs::path> newest = newest_journal();
    if (!newest) return;
    const JournalFile file = JournalFile::open(*newest);
    for_each_record(file, [&](const JournalRecord& record) {
      const std::size_t number = CrashTraffic::number_of(record.message.received);
      newest_records_[record.seq] = number;
      received_.insert(number);
      next_ = std::max(next_, number + 1);
    });
    if (!newest_records_.empty() && fs::exists(db_path())) {
      if (newest_records_.rbegin()->first > position_of(*newest)) ++deaths_with_backlog_;
    }
  }

  const TempDir directory_;
  const std::uint32_t seed_;
  std::mt19937 random_;
  std::size_t next_ = 0;         // the first message that no process has received
  std::size_t end_of_life_ = 0;  // of the last start
  std::set<std::size_t> received_;
  std::map<std::uint64_t, std::size_t> newest_records_;  // message by its number in the journal
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
  RecordProperty("messages", static_cast<int>(sluice.received()));
  RecordProperty("deaths_with_backlog", static_cast<int>(sluice.recovered_deaths()));
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
}

INSTANTIATE_TEST_SUITE_P(Seeds, Crash,
                         testing::Range(number_from("SLUICE_SEED", 1),
                                        number_from("SLUICE_SEED", 1) +
                                            number_from("SLUICE_SEEDS", 2)));

}  // namespace
}  // namespace sluice::test
