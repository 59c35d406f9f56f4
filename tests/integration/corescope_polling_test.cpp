// What CoreScope's server relies on while Sluice is running (contract 2.5): it only reads, polls by
// id, and must find every row once, in order, and never half of something.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "app/pipeline_threads.h"
#include "corescope_server.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// Follows a run as the server does, and keeps what it was told.
class Follower {
 public:
  explicit Follower(const std::string& path) : server_(path) {}

  void poll() {
    const CoreScopeServer::Poll news = server_.poll();
    EXPECT_THAT(news.bare, IsEmpty()) << "transmissions without an observation were visible";
    EXPECT_THAT(news.orphans, IsEmpty()) << "observations of transmissions that it never saw";
    transmissions_ += news.transmissions.size();
    observations_ += news.observations.size();
    polls_with_news_ += news.observations.empty() ? 0 : 1;
  }
  /// Polls until nothing is new.
  void catch_up() {
    std::size_t before = 0;
    do {
      before = transmissions_ + observations_;
      poll();
    } while (transmissions_ + observations_ != before);
  }
  void expect_all_rows() {
    EXPECT_EQ(std::to_string(transmissions_), server_.value("SELECT count(*) FROM transmissions"));
    EXPECT_EQ(std::to_string(observations_), server_.value("SELECT count(*) FROM observations"));
  }
  [[nodiscard]] int polls_with_news() const { return polls_with_news_; }
  [[nodiscard]] CoreScopeServer& server() { return server_; }

 private:
  CoreScopeServer server_;
  std::size_t transmissions_ = 0;
  std::size_t observations_ = 0;
  int polls_with_news_ = 0;
};

/// Device and inode: another number means another file.
std::string identity(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return "none";
  return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

TEST(CoreScopePolling, FindsEveryRowOnceBecauseIdsAscendInTheOrderOfCommits) {
  SteppedPipeline sluice({.window = 1000ms, .max_rows = 30, .sources = 2});
  Follower follower(sluice.db_path());
  RandomTraffic traffic({.seed = 7, .transmissions = 2000, .observers = 4});
  for (int i = 0; i < 3000; ++i) {
    sluice.receive(traffic.next(), traffic.draw(2));
    if (traffic.draw(15) == 0) sluice.advance(std::chrono::milliseconds(traffic.draw(900)));
    follower.poll();
  }
  sluice.finish();
  follower.catch_up();
  follower.expect_all_rows();
  EXPECT_GT(follower.polls_with_news(), 50);
}

TEST(CoreScopePolling, SeesWholeTransmissionsWhileThePipelineRunsInPerPacketMode) {
  const TempDir directory;
  const SystemClock clock;
  Pipeline pipeline(make_config({.window = 0ms}, directory.file("test.db")), make_sources(1),
                    clock);
  RandomTraffic traffic({.seed = 8, .transmissions = 500, .observers = 4});
  Intake intake = pipeline.intake(0);
  for (int i = 0; i < 1000; ++i) {
    const Message message = traffic.next();
    intake.take({.received = clock.wall(),
                 .topic = message.topic,
                 .payload = message.payload,
                 .retained = message.retained});
  }
  intake.close();
  pipeline.open_store();
  Follower follower(directory.file("test.db"));
  Wakeup ended;
  PipelineThreads threads(pipeline, clock, ended);
  while (!threads.drained()) follower.poll();
  threads.join();
  EXPECT_EQ(threads.failure(), nullptr);
  pipeline.close_store();
  follower.catch_up();
  follower.expect_all_rows();
}

TEST(CoreScopePolling, AMergeKeepsTheIdOfItsObservation) {
  SteppedPipeline sluice;
  PacketSpec copy{.raw = text_hex(1), .snr = {}, .rssi = -90};
  sluice.take_in(packet_message(copy));
  sluice.advance(1s);
  const std::string before = sluice.other().value("SELECT id, snr FROM observations");
  copy.snr = 7.5;
  sluice.take_in(packet_message(copy));
  sluice.advance(1s);
  EXPECT_EQ(before, "1|NULL");
  EXPECT_EQ(sluice.other().rows("SELECT id, snr FROM observations"),
            std::vector<std::string>{"1|7.5"});
  sluice.finish();
}

TEST(CoreScopePolling, FourReadersInTheMiddleOfAReadHoldNoWindowUp) {
  SteppedPipeline sluice;
  std::vector<std::unique_ptr<CoreScopeServer>> readers;
  sluice.take_in(text_message(1));
  sluice.advance(1s);
  for (int i = 0; i < 4; ++i) {
    readers.push_back(std::make_unique<CoreScopeServer>(sluice.db_path()));
    static_cast<void>(readers.back()->rows("BEGIN"));
    EXPECT_EQ(readers.back()->value("SELECT count(*) FROM observations"), "1");
  }
  sluice.take_in(text_message(2));
  sluice.advance(1s);
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 0U);
  EXPECT_EQ(readers.front()->value("SELECT count(*) FROM observations"), "1") << "its snapshot";
  static_cast<void>(readers.front()->rows("COMMIT"));
  EXPECT_EQ(readers.front()->value("SELECT count(*) FROM observations"), "2");
  readers.clear();
  sluice.finish();
}

TEST(CoreScopePolling, FilesStayTheSameFilesWhileItRuns) {
  SteppedPipeline sluice({.max_rows = 20});
  const std::string names[] = {sluice.db_path(), sluice.db_path() + "-wal",
                               sluice.db_path() + "-shm"};
  sluice.take_in(text_message(0));
  sluice.advance(1s);
  CoreScopeServer server(sluice.db_path());
  std::vector<std::string> before;
  for (const std::string& name : names) before.push_back(identity(name));
  for (std::uint32_t n = 1; n < 500; ++n) sluice.receive(text_message(n));
  sluice.advance(2s);
  sluice.advance(2s);
  sluice.advance(120s);  // past the age at which the WAL is moved into the database
  EXPECT_GE(sluice.write_metrics().checkpoints.value(), 1U);
  EXPECT_EQ(server.value("SELECT count(*) FROM observations"), "500");
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NE(before[i], "none");
    EXPECT_EQ(identity(names[i]), before[i]) << names[i];
  }
  EXPECT_EQ(server.value("PRAGMA journal_mode"), "wal");
  sluice.finish();
}

TEST(CoreScopePolling, AServerThatTriesToWriteOnlyFails) {
  SteppedPipeline sluice;
  sluice.take_in(text_message(1));
  sluice.advance(1s);
  CoreScopeServer server(sluice.db_path());
  EXPECT_EQ(server.try_to_write("UPDATE nodes SET last_seen = 'x'"), SQLITE_READONLY);
  EXPECT_EQ(server.try_to_write("DELETE FROM observations"), SQLITE_READONLY);
  sluice.take_in(text_message(2));
  sluice.advance(1s);
  EXPECT_EQ(server.value("SELECT count(*) FROM observations"), "2");
  sluice.finish();
}

}  // namespace
}  // namespace sluice::test
