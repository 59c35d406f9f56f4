// Messages made to do harm, between good ones, through the whole pipeline. Nothing of the good ones
// may be missing, nothing may fall over, and what is stored must be whole.

#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/log.h"
#include "base/utf8.h"
#include "support/hostile_messages.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

/// What there is to say against the texts in the database, one line each.
std::vector<std::string> torn_texts(const std::string& path) {
  std::vector<std::string> faults;
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  for (const char* table :
       {"transmissions", "observations", "observers", "nodes", "dropped_packets",
        "observer_metrics", "client_receptions", "client_observers"}) {
    sqlite3_stmt* rows = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database, fmt::format("SELECT * FROM {}", table).c_str(), -1,
                                 &rows, nullptr),
              SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(rows); ++i) {
        const int type = sqlite3_column_type(rows, i);
        const std::string where = fmt::format("{}.{}", table, sqlite3_column_name(rows, i));
        if (type == SQLITE_BLOB) faults.push_back(where + " is a blob");
        if (type == SQLITE_FLOAT && !std::isfinite(sqlite3_column_double(rows, i)))
          faults.push_back(where + " is not finite");
        if (type != SQLITE_TEXT) continue;
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(rows, i));
        const std::string_view text(bytes, static_cast<std::size_t>(sqlite3_column_bytes(rows, i)));
        if (!is_valid_utf8(text)) faults.push_back(where + " is not UTF-8");
      }
    }
    sqlite3_finalize(rows);
  }
  sqlite3_close(database);
  return faults;
}

/// Lines of the log while it lives.
class CapturedLog {
 public:
  CapturedLog() {
    set_log_sink([this](LogLevel, std::string_view line) { lines_.emplace_back(line); });
  }
  ~CapturedLog() { set_log_sink({}); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

void expect_harmless(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    std::string_view rest = line;
    while (!rest.empty()) {
      const Utf8Char c = first_utf8(rest);
      ASSERT_TRUE(c.valid && (c.value == 0x2028 || !is_obeyed(c.value))) << printable(line);
      rest.remove_prefix(c.size);
    }
    ASSERT_LT(line.size(), 2000U);
  }
}

void expect_whole(SteppedPipeline& pipeline, std::uint32_t good) {
  EXPECT_EQ(pipeline.other().value("SELECT count(*) FROM observations b JOIN observers o"
                                   " ON o.rowid = b.observer_idx WHERE o.id GLOB 'GOOD*'"),
            std::to_string(good));
  EXPECT_EQ(pipeline.other().value("SELECT count(DISTINCT transmission_id) FROM observations b"
                                   " JOIN observers o ON o.rowid = b.observer_idx"
                                   " WHERE o.id GLOB 'GOOD*'"),
            std::to_string(good));
  EXPECT_EQ(torn_texts(pipeline.db_path()), std::vector<std::string>{});
  EXPECT_EQ(pipeline.other().value("SELECT count(*) FROM transmissions"
                                   " WHERE NOT json_valid(decoded_json)"),
            "0");
  EXPECT_EQ(pipeline.other().value("SELECT count(*) FROM observations"
                                   " WHERE NOT json_valid(path_json)"),
            "0");
  EXPECT_EQ(pipeline.other().value("PRAGMA integrity_check"), "ok");
}

PipelineSpec open_to_everything() {
  PipelineSpec spec;
  spec.dedup_transmissions = 64;
  spec.tweak = [](Config& config) { config.client_rx_coverage_enabled = true; };
  return spec;
}

class HostileMessagesTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(HostileMessagesTest, HarmNothingThatIsGood) {
  constexpr std::uint32_t kRounds = 250;
  const CapturedLog log;
  SteppedPipeline pipeline(open_to_everything());
  HostileMessages hostile(GetParam());
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    pipeline.receive(hostile.next());
    pipeline.receive(text_message(i, fmt::format("GOOD{}", i % 5)));
    if (i % 16 == 0) pipeline.advance(300ms);
  }
  pipeline.finish();  // expects the ledger to balance
  EXPECT_EQ(totals_of(pipeline.account()).received, 2 * kRounds);
  expect_whole(pipeline, kRounds);
  expect_harmless(log.lines());
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileMessagesTest, testing::Range(1U, 9U));

TEST(HostileMessages, OfEveryKindAreSurvivedOnTheirOwn) {
  const CapturedLog log;
  for (std::uint8_t kind = 0; kind < static_cast<std::uint8_t>(HostileMessages::Kind::kCount);
       ++kind) {
    SCOPED_TRACE(fmt::format("kind {}", kind));
    SteppedPipeline pipeline(open_to_everything());
    HostileMessages hostile(kind);
    for (std::uint32_t i = 0; i < 10; ++i) {
      pipeline.receive(hostile.of(static_cast<HostileMessages::Kind>(kind)));
      pipeline.take_in(text_message(i, "GOOD"));
    }
    pipeline.finish();
    expect_whole(pipeline, 10);
  }
  expect_harmless(log.lines());
}

TEST(HostileMessages, ATextIsStoredWithItsNulBytes) {
  SteppedPipeline pipeline;
  pipeline.receive({.topic = "meshcore/SJC/OBS1/status", .payload = R"({"origin":"a\u0000b"})"});
  pipeline.finish();
  EXPECT_EQ(pipeline.other().value("SELECT hex(name) FROM observers"), "610062");
}

TEST(HostileMessages, ATopicThatMqttForbidsMakesNoObserver) {
  SteppedPipeline pipeline;
  const std::string payload = text_message(1).payload;
  pipeline.receive({.topic = std::string("meshcore/SJC/a\0b/packets", 24), .payload = payload});
  pipeline.receive({.topic = "meshcore/SJC/a\xFF/packets", .payload = payload});
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("observers"), 0);
  EXPECT_EQ(
      totals_of(pipeline.account()).rejected[static_cast<std::size_t>(RejectReason::kBadTopic)],
      2U);
}

TEST(HostileMessages, LongTextsAreNotKeptInTheDedupWindow) {
  SteppedPipeline pipeline;
  const std::string text(500'000, 'x');
  // A frame and a text may share a slot only by an invented collision; each has its own facts.
  for (int i = 0; i < 3; ++i) {
    pipeline.receive({.topic = "meshcore/message/channel/0",
                      .payload = fmt::format(R"({{"text":"{}{}"}})", text, i)});
  }
  pipeline.receive(text_message(1));
  pipeline.receive(text_message(1, "OBS2"));
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("transmissions"), 4);
  EXPECT_EQ(pipeline.other().count("observations"), 5);
}

}  // namespace
}  // namespace sluice::test
