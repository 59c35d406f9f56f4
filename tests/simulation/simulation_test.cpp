// Whatever happens to the process, its database and its power, the tables end up as if each message
// had been written by itself, in order, by a process to which nothing ever happens.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/log.h"
#include "disk.h"
#include "history.h"
#include "life.h"
#include "naive_tables.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::uint32_t number_from(const char* variable, std::uint32_t fallback) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : fallback;
}

std::string replay_command(std::uint32_t seed) {
  return fmt::format("SLUICE_SIM_SEED={} SLUICE_SIM_SEEDS=1 {}", seed,
                     fs::read_symlink("/proc/self/exe").string());
}

char last_words[512];  // what to say when a seed ends the process

void say_last_words(int signal) {
  static_cast<void>(!write(STDERR_FILENO, last_words, std::strlen(last_words)));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// An assertion, or worse, must not take the seed with it.
void prepare_last_words(std::uint32_t seed) {
  const std::string text =
      fmt::format("seed {} ended the process; replay it with\n  {}\n", seed, replay_command(seed));
  text.copy(last_words, sizeof last_words - 1);
  last_words[std::min(text.size(), sizeof last_words - 1)] = '\0';
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTERM})
    std::signal(signal, say_last_words);
}

/// What a number of seeds have done.
struct Sum {
  std::size_t lives = 0;
  std::size_t power_cuts = 0;
  std::size_t landed = 0;
  std::size_t lost = 0;
  std::size_t dropped = 0;
  std::size_t faults = 0;
  std::uint64_t digest = 0;
};

std::vector<std::string> tables_of_a_calm_run(const std::vector<Landed>& messages) {
  SteppedPipeline calm(
      {.window = 0ms, .tweak = [](Config& config) { config.client_rx_coverage_enabled = true; }});
  for (const Landed& landed : messages) {
    calm.clock().set_wall(landed.applied);
    calm.receive(landed.arrival->message, 0, landed.arrival->received);
    calm.run();
  }
  calm.finish();
  return table_contents(calm.other());
}

void expect_tables(const std::string& db_path, const std::vector<Landed>& messages) {
  const OtherConnection database(db_path);
  const std::vector<std::string> got = table_contents(database);
  const std::vector<std::string> expected = tables_of_a_calm_run(messages);
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
    ASSERT_EQ(got[i], expected[i]) << "row " << i;
  ASSERT_EQ(got.size(), expected.size());
  NaiveTables naive;
  for (const Landed& landed : messages)
    naive.add(landed.arrival->message, landed.arrival->received);
  naive.expect_in(database);
}

void expect_nothing_left(const fs::path& directory, const Life& life) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory))
    EXPECT_NE(entry.path().extension(), ".journal") << "what is committed needs no journal";
  EXPECT_EQ(OtherConnection(life.db_path()).count("sluice_position"), 0) << "of any life";
}

/// All lives of one database.
void run(std::uint32_t seed, Sum& sum) {
  const TempDir directory;
  std::mt19937 random(seed);
  RandomTraffic traffic({.seed = seed});
  World world;
  world.draw = [&random](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  world.next_message = [&traffic] { return traffic.next(); };
  const std::size_t sources = 1 + world.draw(3);
  const std::uint32_t lives = 1 + world.draw(4);
  for (std::uint32_t number = 0;; ++number) {
    const auto home = [&](std::uint32_t life) { return directory.path() / std::to_string(life); };
    fs::create_directories(home(number));
    ++sum.lives;
    {
      Life life(world, home(number), sources);
      const bool alive = life.live(20 + world.draw(900));
      if (testing::Test::HasFailure()) return;
      if (alive && number + 1 >= lives) {
        life.end_cleanly();
        if (testing::Test::HasFailure()) return;
        EXPECT_EQ(world.history.missing(), 0U) << "received, and neither written nor lost";
        expect_tables(life.db_path(), world.history.landed());
        expect_nothing_left(home(number), life);
        break;
      }
      life.leave_to(home(number + 1));
    }
    fs::remove_all(home(number));
    if (world.one_in(3)) {
      ++sum.power_cuts;
      world.disk.cut_power(home(number + 1), world.draw, world.history);
    }
  }
  sum.landed += world.history.landed().size();
  sum.lost += world.history.lost();
  sum.dropped += world.dropped;
  sum.faults += world.faults;
  sum.digest = world.digest;
}

class Simulation : public testing::Test {
 protected:
  // Thousands of windows that fail tell of it.
  void SetUp() override {
    if (std::getenv("SLUICE_SIM_LOG") == nullptr) set_log_sink([](LogLevel, std::string_view) {});
  }
  void TearDown() override { set_log_sink({}); }
};

TEST_F(Simulation, LeavesWhatACalmRunLeaves) {
  const std::uint32_t first = number_from("SLUICE_SIM_SEED", 1);
  const std::uint32_t seeds = number_from("SLUICE_SIM_SEEDS", 200);
  Sum sum;
  for (std::uint32_t seed = first; seed != first + seeds; ++seed) {
    SCOPED_TRACE(replay_command(seed));
    prepare_last_words(seed);
    try {
      run(seed, sum);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    if (HasFailure()) {
      std::printf("seed %u failed; replay it with\n  %s\n", seed, replay_command(seed).c_str());
      return;
    }
  }
  std::printf(
      "%u seeds: %zu lives, %zu power cuts, %zu messages in the database, %zu lost with the power, "
      "%zu dropped, "
      "%zu faults\n",
      seeds, sum.lives, sum.power_cuts, sum.landed, sum.lost, sum.dropped, sum.faults);
  if (seeds < 100) return;
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(sum.lives, 2 * seeds);
  EXPECT_GT(sum.power_cuts, seeds / 4);
  EXPECT_GT(sum.landed, 50 * seeds);
  EXPECT_GT(sum.lost, seeds);
  EXPECT_GT(sum.dropped, seeds);
  EXPECT_GT(sum.faults, seeds);
}

TEST_F(Simulation, TheSameSeedGoesTheSameWay) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    Sum first;
    Sum second;
    run(seed, first);
    run(seed, second);
    ASSERT_EQ(first.digest, second.digest) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sluice::test

/// Files in memory: the simulation writes thousands of small windows, and its disk is its own.
int main(int argc, char** argv) {
  std::error_code missing;
  if (std::filesystem::is_directory("/dev/shm", missing)) setenv("TMPDIR", "/dev/shm", 0);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
