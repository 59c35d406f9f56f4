// What a start makes of the journals that earlier starts have left.

#include "app/recovery.h"

#include <filesystem>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/pipeline.h"
#include "journal/journal_error.h"
#include "receive/mqtt_inbox.h"
#include "support/frames.h"
#include "support/ledger_expectations.h"
#include "support/manual_clock.h"
#include "support/messages.h"
#include "support/other_connection.h"
#include "support/stepped_pipeline.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kSegmentBytes = 4096;
const test::Message kRubbish{.topic = "t", .payload = "no json"};

/// One start, polled by hand. Its end without finish() is a kill -9.
class Start {
 public:
  struct How {
    std::string db_path;
    std::string journals;
    std::vector<std::string> sources = {"lab"};
    ForeignJournals foreign = ForeignJournals::kRefuse;
    std::string named = "here";
    bool qos1 = false;
  };

  explicit Start(const How& how) : directory_(how.journals) {
    Config config = test::make_config({.window = 0ms}, how.db_path);
    config.sluice.journal.max_record_bytes = 2000;
    config.sluice.journal.min_free_bytes = 0;
    config.sluice.journal.max_bytes = 64 * kSegmentBytes;
    std::vector<SourceSpec> specs;
    for (const std::string& name : how.sources) specs.push_back({.name = name, .rules = {}});
    pipeline_ = std::make_unique<Pipeline>(config, specs, clock_,
                                           JournalPlace{.directory = &directory_,
                                                        .foreign = how.foreign,
                                                        .segment_bytes = kSegmentBytes,
                                                        .named = how.named,
                                                        .trust_every_sync = true});
    if (how.qos1) {
      inbox_ = std::make_unique<MqttInbox>(pipeline_->intake(0),
                                           received_before(directory_, how.sources[0]));
      inbox_->open(true);
    }
  }

  void open() { pipeline_->open_store(); }

  void take(std::uint32_t n) { take(test::text_message(n)); }
  void take(const test::Message& message) {
    pipeline_->keeper().poll();
    pipeline_->intake(0).take(incoming(message));
  }
  /// At QoS 1: from the broker, which is there.
  void deliver(std::uint16_t id, std::uint32_t n) {
    pipeline_->keeper().poll();
    const test::Message message = test::text_message(n);
    IncomingMessage in = incoming(message);
    in.message_id = id;
    in.qos = 1;
    EXPECT_TRUE(inbox_->take(in, clock_.mono()));
  }
  void broker_comes(bool with_session = true) {
    inbox_->begin_attempt({});
    inbox_->begin_session(with_session, clock_.mono());
  }
  void acknowledge() { inbox_->flushed(clock_.mono()); }
  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      clock_.advance(1s);
      inbox_->keep_house(clock_.mono());
    }
  }

  /// Writes everything that is there.
  void write() {
    for (std::size_t moved = 1; moved != 0;) {
      clock_.advance(20ms);
      moved = 0;
      for (const Pipeline::Seat& seat : pipeline_->seats()) moved += seat.stage->poll();
    }
    pipeline_->remove_finished_journals();
    test::ExpectLedgerBalances(pipeline_->metrics().ledger);
  }
  /// A clean end.
  void finish() {
    for (std::size_t i = 0; i < sources(); ++i) pipeline_->intake(i).close();
    while (!pipeline_->seats().back().stage->done()) write();
    test::ExpectLedgerAtRest(pipeline_->metrics().ledger);
    pipeline_->close_store();
  }

  [[nodiscard]] std::uint64_t recovered() const {
    return pipeline_->metrics().ledger.totals().recovered;
  }
  [[nodiscard]] const Journal& journal() const { return pipeline_->journals()[0]; }
  [[nodiscard]] MqttInbox& inbox() { return *inbox_; }

 private:
  [[nodiscard]] std::size_t sources() const {
    std::size_t live = 0;
    for (const Journal& journal : pipeline_->journals()) live += journal.runs().empty() ? 1 : 0;
    return live;
  }
  [[nodiscard]] IncomingMessage incoming(const test::Message& message) const {
    return {.received = clock_.wall(), .topic = message.topic, .payload = message.payload};
  }

  test::ManualClock clock_;
  JournalDirectory directory_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<MqttInbox> inbox_;
};

class RecoveryPlanTest : public testing::Test {
 protected:
  [[nodiscard]] std::string db(const std::string& name = "mesh.db") const {
    return directory_.file(name);
  }
  [[nodiscard]] Start::How how() const {
    return {.db_path = db(), .journals = directory_.file("journals")};
  }
  [[nodiscard]] std::int64_t rows() const {
    return test::OtherConnection(db()).count("observations");
  }
  /// How often messages have been counted.
  [[nodiscard]] std::int64_t packets() const {
    return std::stoll(test::OtherConnection(db()).value("SELECT SUM(packet_count) FROM observers"));
  }
  [[nodiscard]] std::size_t journal_files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(directory_.file("journals")))
      count += entry.path().extension() == ".journal" ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::int64_t positions() const {
    return test::OtherConnection(db()).count("sluice_position");
  }

  /// A journal that has once stretched, because the database stood still for some segments, and
  /// then lapped: what it took in the beginning lies before what it took last, and nothing between.
  /// Returns the number of the next message.
  std::uint32_t live_through_a_backlog(Start& start, std::uint32_t n = 1) {
    while (start.journal().used_bytes() < 5 * kSegmentBytes) start.take(n++);
    for (int i = 0; i < 100; ++i) {
      start.write();
      start.take(n++);
    }
    start.write();
    return n;
  }
  /// Copies the database as a backup does.
  void back_up(const std::string& to) const {
    test::OtherConnection(db()).execute("VACUUM INTO '" + to + "'");
  }
  void put_back(const std::string& from) const {
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(db() + tail);
    if (!from.empty()) fs::copy_file(from, db());
  }

  test::TempDir directory_;
};

TEST_F(RecoveryPlanTest, ARestoredBackupGetsTheNewestOfAJournalThatHasStretched) {
  std::uint32_t last = 0;
  {
    Start first(how());
    first.open();
    first.take(100'000);
    first.write();
    back_up(db("backup"));
    last = live_through_a_backlog(first);
    for (std::uint32_t n = 0; n < 5; ++n) first.take(200'000 + n);
  }
  put_back(db("backup"));
  ASSERT_EQ(rows(), 1);
  Start second(how());
  second.open();
  EXPECT_GT(second.recovered(), 10U) << "what was not used again of the backlog's segments, too";
  EXPECT_LT(second.recovered(), last);
  const auto recovered = static_cast<std::int64_t>(second.recovered());
  second.finish();
  EXPECT_EQ(rows(), 1 + recovered);
  EXPECT_EQ(journal_files(), 0U);
}

TEST_F(RecoveryPlanTest, AnotherDatabaseIsRefusedUntilSomebodyDecides) {
  {
    Start first(how());
    first.open();
    live_through_a_backlog(first);
    first.take(200'000);
  }
  put_back("");
  for (int i = 0; i < 2; ++i) EXPECT_THROW(Start(how()).open(), JournalError);
  {
    Start::How adopt = how();
    adopt.foreign = ForeignJournals::kAdopt;
    Start second(adopt);
    second.open();
    EXPECT_GT(second.recovered(), 10U);
    const auto recovered = static_cast<std::int64_t>(second.recovered());
    second.finish();
    EXPECT_EQ(rows(), recovered);
  }
  EXPECT_EQ(test::OtherConnection(db()).value(
                "SELECT count(*) FROM transmissions WHERE decoded_json IS NOT NULL"),
            std::to_string(rows()));
  EXPECT_EQ(journal_files(), 0U);
}

TEST_F(RecoveryPlanTest, WhatIsDiscardedIsGone) {
  {
    Start first(how());
    first.open();
    live_through_a_backlog(first);
    first.take(200'000);
  }
  put_back("");
  Start::How discard = how();
  discard.foreign = ForeignJournals::kDiscard;
  Start second(discard);
  second.open();
  EXPECT_EQ(second.recovered(), 0U);
  EXPECT_EQ(journal_files(), 1U) << "its own";
  second.finish();
  EXPECT_EQ(rows(), 0);
}

TEST_F(RecoveryPlanTest, ASourceThatIsConfiguredNoMoreLosesNothing) {
  {
    Start first(how());
    first.open();
    live_through_a_backlog(first);
    first.take(200'000);
    first.take(200'001);
  }
  const std::int64_t before = rows();
  Start::How other = how();
  other.sources = {"another", "and another"};
  Start second(other);
  second.open();
  EXPECT_EQ(second.recovered(), 2U);
  second.finish();
  EXPECT_EQ(rows(), before + 2);
  EXPECT_EQ(journal_files(), 0U);
}

TEST_F(RecoveryPlanTest, AnUnacknowledgedMessageIsRecognisedAlthoughTheJournalHasStretched) {
  Start::How at_qos1 = how();
  at_qos1.qos1 = true;
  std::int64_t sent = 0;
  {
    Start first(at_qos1);
    first.open();
    first.broker_comes(false);
    std::uint16_t id = 0;
    const auto deliver = [&] {
      ++id;
      first.deliver(id, id);
      ++sent;
    };
    while (first.journal().used_bytes() < 5 * kSegmentBytes) deliver();
    for (int i = 0; i < 100; ++i) {
      first.write();
      first.acknowledge();
      deliver();
    }
    first.write();
    first.acknowledge();
    for (std::uint16_t late = 50'000; late < 50'005; ++late) first.deliver(late, late);
    sent += 5;
  }
  Start second(at_qos1);
  second.open();
  second.broker_comes();
  for (std::uint16_t late = 50'000; late < 50'005; ++late) second.deliver(late, late);
  second.acknowledge();
  second.finish();
  EXPECT_EQ(packets(), sent);
  EXPECT_EQ(rows(), sent);
}

class BrokerAwayTest : public RecoveryPlanTest {
 protected:
  BrokerAwayTest() { how_.qos1 = true; }
  void SetUp() override {
    how_.db_path = db();
    how_.journals = directory_.file("journals");
  }
  /// Five messages that the broker is not told of.
  void take_five(Start& start) {
    start.open();
    start.broker_comes(false);
    for (std::uint16_t id = 1; id <= 5; ++id) start.deliver(id, id);
  }
  void come_again(Start& start) {
    start.open();
    start.broker_comes();
    for (std::uint16_t id = 1; id <= 5; ++id) start.deliver(id, id);
    EXPECT_EQ(start.recovered(), 0U);
    start.write();
    EXPECT_EQ(packets(), 5);
  }

  Start::How how_;
};

TEST_F(BrokerAwayTest, AStartWithoutTheBrokerForgetsNothingAfterAKill) {
  {
    Start first(how_);
    take_five(first);
  }
  for (const bool clean : {false, true, false}) {
    Start away(how_);
    away.open();
    away.write();
    EXPECT_EQ(packets(), 5);
    if (clean) away.finish();
  }
  Start last(how_);
  come_again(last);
  EXPECT_EQ(journal_files(), 2U) << "recognised, but the broker does not know it";
  last.acknowledge();
  last.write();
  EXPECT_EQ(journal_files(), 1U);
  last.finish();
  EXPECT_EQ(journal_files(), 0U);
  EXPECT_EQ(positions(), 0);
}

TEST_F(BrokerAwayTest, AStartWithoutTheBrokerForgetsNothingAfterACleanStop) {
  {
    Start first(how_);
    take_five(first);
    first.finish();
  }
  ASSERT_EQ(journal_files(), 1U);
  for (const bool clean : {true, false}) {
    Start away(how_);
    away.open();
    away.write();
    if (clean) away.finish();
  }
  Start last(how_);
  come_again(last);
  last.acknowledge();
  last.finish();
  EXPECT_EQ(journal_files(), 0U);
  EXPECT_EQ(positions(), 0);
}

TEST_F(BrokerAwayTest, ADeathBetweenRecognisingAndAcknowledgingForgetsNothing) {
  {
    Start first(how_);
    take_five(first);
  }
  for (int i = 0; i < 3; ++i) {
    Start again(how_);
    again.open();
    again.broker_comes();
    for (std::uint16_t id = 1; id <= 5; ++id) again.deliver(id, id);
    again.pass(5s);
    again.write();
    EXPECT_EQ(packets(), 5) << i;
  }
}

TEST_F(BrokerAwayTest, WhatNeverComesAgainIsKeptForAMinute) {
  {
    Start first(how_);
    take_five(first);
  }
  Start second(how_);
  second.open();
  second.write();
  EXPECT_EQ(journal_files(), 2U);
  second.broker_comes();
  second.pass(59s);
  second.write();
  EXPECT_EQ(journal_files(), 2U);
  second.pass(1s);
  second.write();
  EXPECT_EQ(journal_files(), 1U);
  second.finish();
  EXPECT_EQ(journal_files(), 0U);
  EXPECT_EQ(positions(), 0);
}

TEST_F(BrokerAwayTest, WithoutTheSessionNothingIsKept) {
  {
    Start first(how_);
    take_five(first);
  }
  Start second(how_);
  second.open();
  second.broker_comes(false);
  second.write();
  EXPECT_EQ(journal_files(), 1U);
}

TEST_F(BrokerAwayTest, ASourceThatIsConfiguredNoMoreKeepsNothing) {
  {
    Start first(how_);
    take_five(first);
  }
  Start::How other = how_;
  other.sources = {"another"};
  other.qos1 = false;
  Start second(other);
  second.open();
  second.write();
  EXPECT_EQ(journal_files(), 1U);
}

TEST_F(RecoveryPlanTest, APositionWhoseFileIsGoneIsForgottenAtTheNextStart) {
  {
    Start first(how());
    first.open();
    first.take(1);
    first.write();
  }
  for (const auto& entry : fs::directory_iterator(directory_.file("journals")))
    if (entry.path().extension() == ".journal") fs::remove(entry.path());
  ASSERT_EQ(positions(), 1);
  Start second(how());
  second.open();
  EXPECT_EQ(positions(), 0);
}

TEST_F(RecoveryPlanTest, APositionIsKeptWhileItsFileMayBeElsewhere) {
  {
    Start first(how());
    first.open();
    first.take(1);
    first.write();
  }
  Start::How elsewhere = how();
  elsewhere.journals = directory_.file("elsewhere");
  elsewhere.named = "elsewhere";
  {
    Start second(elsewhere);
    second.open();
    EXPECT_EQ(positions(), 1);
  }
  Start back(how());
  back.open();
  EXPECT_EQ(back.recovered(), 0U) << "its position is still there";
}

TEST_F(RecoveryPlanTest, ABacklogWhereTheJournalsUsedToBeIsRefused) {
  Start::How there = how();
  there.named = there.journals;
  {
    Start first(there);
    first.open();
    first.take(1);
  }
  Start::How here = how();
  here.journals = here.named = directory_.file("elsewhere");
  for (int i = 0; i < 2; ++i) {
    Start second(here);
    try {
      second.open();
      FAIL() << "nobody will ever write that message";
    } catch (const JournalError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("sluice.journal.dir set to " + there.named));
    }
  }
  {
    Start back(there);
    back.open();
    back.finish();
  }
  Start second(here);
  EXPECT_NO_THROW(second.open());
}

TEST_F(RecoveryPlanTest, ABacklogInTheUsualPlaceIsRefusedByADatabaseThatRemembersNone) {
  Start::How usual = how();
  usual.journals = db() + "-sluice";
  usual.named = "";
  {
    Start first(usual);
    first.open();
    first.take(1);
  }
  Start::How here = how();
  here.named = ":memory:";
  Start second(here);
  EXPECT_THROW(second.open(), JournalError);
}

}  // namespace
}  // namespace sluice
