// `sluice ingest` from outside: what a file costs, and what it can't be.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "child_process.h"
#include "support/frames.h"
#include "support/messages.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class IngestTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string database() const { return directory_.file("mesh.db"); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.file(name), std::ios::binary) << text;
    return directory_.file(name);
  }
  /// A capture of the first `count` messages that `nth` makes.
  std::string capture(unsigned count, const std::function<Message(unsigned)>& nth) const {
    std::string text;
    for (unsigned n = 0; n < count; ++n) {
      const Message message = nth(n);
      std::string payload = message.payload;
      for (std::size_t at = 0; (at = payload.find('"', at)) != std::string::npos; at += 2)
        payload.insert(at, 1, '\\');
      text += R"({"t_ms":0,"topic":")" + message.topic + R"(","payload":")" + payload + "\"}\n";
    }
    return write("capture.jsonl", text);
  }
  int ingest(const std::string& file, const std::string& config = "") {
    std::vector<std::string> words{SLUICE_BINARY, "ingest", file, "--db", database(), "--report"};
    if (!config.empty()) words.insert(words.end(), {"--config", write("config.json", config)});
    ChildProcess sluice(words);
    const int status = sluice.wait_exit();
    output_ = sluice.output();
    return status;
  }

  TempDir directory_;
  std::string output_;
};

Message by_an_observer_of_its_own(unsigned n) { return text_message(n, "OBS" + std::to_string(n)); }

TEST_F(IngestTest, NoLimitCountsNewcomersOfMonthsAsThoseOfAnHour) {
  constexpr unsigned kMoreThanTheLimit = 10'500;
  EXPECT_EQ(ingest(capture(kMoreThanTheLimit, by_an_observer_of_its_own)), 0) << output_;
  EXPECT_THAT(output_, Not(HasSubstr("too_many_observers")));
  EXPECT_EQ(OtherConnection(database()).count("observers"), kMoreThanTheLimit);
}

TEST_F(IngestTest, LimitsOfTheConfigFileHold) {
  EXPECT_EQ(ingest(capture(100, by_an_observer_of_its_own),
                   R"({"sluice":{"limits":{"newObserversPerHour":5}}})"),
            0)
      << output_;
  EXPECT_THAT(output_, ContainsRegex("rejected +95  too_many_observers"));
  EXPECT_EQ(OtherConnection(database()).count("observers"), 5);
}

TEST_F(IngestTest, ReportsForgedAdvertsThatHaveNoRow) {
  const auto forged = [](unsigned n) {
    AdvertSpec advert;
    advert.time += n;
    advert.well_signed = false;
    return packet_message({.raw = advert_hex(advert)});
  };
  const std::string file = capture(7, forged);
  EXPECT_EQ(ingest(file, R"({"sluice":{"limits":{"droppedPacketsPerHour":2}}})"), 0) << output_;
  EXPECT_THAT(output_, ContainsRegex("dropped_packets +7 forged adverts, 5 of them without a row"));
  EXPECT_EQ(OtherConnection(database()).count("dropped_packets"), 2);
  EXPECT_EQ(ingest(file), 0) << output_;
  EXPECT_THAT(output_, ContainsRegex("dropped_packets +7 forged adverts, 0 of them without a row"));
  EXPECT_EQ(OtherConnection(database()).count("dropped_packets"), 9);
}

TEST_F(IngestTest, SaysThatAFileIsNoCapture) {
  const std::string binary(
      "\x7f"
      "ELF\0\n\x01\n\xff\xfe\n",
      12);
  EXPECT_EQ(ingest(write("binary", binary)), 1) << output_;
  EXPECT_THAT(output_, HasSubstr("this is no capture"));
  EXPECT_THAT(output_, HasSubstr("expected one JSON object per line"));
  EXPECT_THAT(output_, HasSubstr("ledger: balanced"));
}

TEST_F(IngestTest, NamesWhatAConfigIsInsteadOfAnObject) {
  EXPECT_EQ(ingest(capture(1, by_an_observer_of_its_own), "[]"), 1);
  EXPECT_THAT(output_, HasSubstr("config.json: expected an object, found a list"));
}

/// What only those meet who may not do everything.
TEST_F(IngestTest, NamesADatabaseDirectoryThatItMayNotUse) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give everything away";
  if (std::system("setpriv --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no setpriv";
  using std::filesystem::perms;
  std::filesystem::permissions(directory_.path(), perms(0755));
  const std::string file = capture(1, by_an_observer_of_its_own);
  const std::string closed = directory_.file("closed");
  std::filesystem::create_directory(closed);
  const std::string config =
      write("config.json", R"({"dbPath":")" + closed +
                               R"(/mesh.db","mqttSources":[{"broker":"mqtt://127.0.0.1:1"}]})");
  for (const perms rights :
       {perms(0700), perms(0755)}) {  // not to be entered; not to be written to
    std::filesystem::permissions(closed, rights);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"run", "--config", config},
          std::vector<std::string>{"ingest", file, "--db", closed + "/mesh.db"}}) {
      std::vector<std::string> command{"setpriv", "--reuid=65534", "--regid=65534",
                                       "--clear-groups", SLUICE_BINARY};
      command.insert(command.end(), words.begin(), words.end());
      ChildProcess sluice(command);
      const int status = sluice.wait_exit();
      if (sluice.output().find("failed to execute") != std::string::npos)
        GTEST_SKIP() << "nobody may not start what lies here: " << sluice.output();
      EXPECT_EQ(status, 1) << sluice.output();
      EXPECT_THAT(sluice.output(), HasSubstr(closed));
      EXPECT_THAT(sluice.output(), HasSubstr("Permission denied"));
    }
  }
}

}  // namespace
}  // namespace sluice::test
