// A Sluice that is there to be killed: the real pipeline on its threads, a file journal, a
// database, and a source that goes on in a known sequence of messages.
//
//   crash_child DIRECTORY SEED FIRST COUNT
//
// Says so when the journal is open, appends the messages FIRST to COUNT - 1, each with the receive
// time that belongs to its number, and ends cleanly when it gets so far.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include "app/journal_home.h"
#include "app/keeper_thread.h"
#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "crash_traffic.h"

namespace {

using namespace sluice;
using namespace std::chrono_literals;

// A life of a tenth of a second fills several of them.
constexpr std::size_t kSegmentBytes = 32 << 10;

/// Appends with the rhythm of a network: bursts, and pauses in which windows end.
class Feeder {
 public:
  Feeder(const test::CrashTraffic& traffic, Pipeline& pipeline, std::size_t next)
      : traffic_(traffic),
        pipeline_(pipeline),
        intake_(pipeline.intake(0)),
        next_(next),
        random_(static_cast<std::uint32_t>(next) + std::random_device{}()) {}

  void append_until(std::size_t end) {
    while (next_ < end) {
      const test::Message message = traffic_.message(next_);
      const bool taken = intake_.offer({.received = test::CrashTraffic::received(next_),
                                        .topic = message.topic,
                                        .payload = message.payload,
                                        .retained = message.retained});
      if (taken) ++next_;
      if (intake_.reader_waits()) pipeline_.feed_wakeup().notify();
      if (!taken || random_() % 10 == 0) std::this_thread::sleep_for(1ms * (random_() % 8));
    }
  }
  [[nodiscard]] std::size_t next() const { return next_; }
  std::uint32_t draw(std::uint32_t bound) { return random_() % bound; }
  void close() {
    intake_.close();
    pipeline_.feed_wakeup().notify();
  }

 private:
  const test::CrashTraffic& traffic_;
  Pipeline& pipeline_;
  Intake intake_;
  std::size_t next_;
  std::mt19937 random_;
};

int live(const std::string& directory, std::uint32_t seed, std::size_t first, std::size_t count) {
  const SystemClock clock;
  Wakeup news;
  const test::CrashTraffic traffic(seed);
  const Config config = test::CrashTraffic::config(directory);
  JournalHome home(config);
  Pipeline pipeline(
      config, {{.name = "crash", .rules = {}}}, clock,
      {.directory = home.directory(), .segment_bytes = kSegmentBytes, .named = home.name()});
  std::puts(test::kAlive);
  std::fflush(stdout);
  KeeperThread keeper(pipeline, clock, news);
  Feeder feeder(traffic, pipeline, first);
  feeder.append_until(
      std::min(count, first + feeder.draw(30)));  // received before the database is open
  pipeline.open_store();
  PipelineThreads threads(pipeline, clock, news);
  feeder.append_until(count);
  feeder.close();
  while (!threads.drained() && !threads.failure()) {
    pipeline.remove_finished_journals();
    std::this_thread::sleep_for(1ms);
  }
  if (threads.failure()) std::rethrow_exception(threads.failure());
  threads.join();
  keeper.stop();
  pipeline.close_store();
  return pipeline.metrics().ledger.totals().imbalance() == 0 ? 0 : 3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    return live(argv[1], static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)),
                std::strtoul(argv[3], nullptr, 10), std::strtoul(argv[4], nullptr, 10));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crash_child: %s\n", error.what());
    return 1;
  }
}
