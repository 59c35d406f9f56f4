// An MqttSource against a broker that does what it is told. The test is the rest of the pipeline:
// it reads the journal, and says by releasing when what it has read is durable.

#include "receive/mqtt_source.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "support/fake_broker.h"
#include "support/process_memory.h"
#include "support/tcp_proxy.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kPatience = 60s;
constexpr const char* kTopic = "meshcore/SFO/AB/packets";
constexpr const char* kClientId = "sluice-0123456789abcdef";

/// The machine's clocks, of which the monotonic one can be made to jump ahead.
///
/// Thread: any.
class SkippingClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const noexcept override { return clock_.wall(); }
  [[nodiscard]] MonoTime mono() const noexcept override {
    return clock_.mono() + std::chrono::seconds(skipped_s_);
  }
  void skip(std::chrono::seconds time) noexcept { skipped_s_ += time.count(); }

 private:
  SystemClock clock_;
  std::atomic<std::chrono::seconds::rep> skipped_s_{0};
};

class MqttSourceTest : public testing::Test {
 protected:
  MqttSourceTest() {
    set_log_sink([this](LogLevel, std::string_view line) {
      const std::lock_guard lock(log_mutex_);
      log_ += std::string(line) + "\n";
    });
  }
  ~MqttSourceTest() override {
    if (source_) finish();
    set_log_sink({});
  }

  static MqttOptions options(std::uint16_t port) {
    MqttOptions options;
    options.tag = "lab";
    options.display_url = "tcp://fake";
    options.host = "127.0.0.1";
    options.port = port;
    options.topics = {"meshcore/#"};
    options.client_id = kClientId;
    options.first_backoff = 10ms;
    options.last_backoff = 50ms;
    // Nothing is to happen only because somebody was slow.
    options.keepalive = 600s;
    options.connect_timeout = 120s;
    options.goodbye = kPatience;
    return options;
  }
  void start(MqttOptions options, std::span<const UnacknowledgedMessage> earlier = {}) {
    if (!journal_) journal_.emplace(journal_options_);
    source_.emplace(std::move(options), Intake(*journal_, account_), clock_, feed_, earlier);
    thread_ = std::thread([this] { source_->run(); });
  }
  void start() {
    start(options(broker_.port()));
    ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  }
  /// Everything that was received is durable, and goes.
  void finish() {
    source_->stop();
    if (wait_until([&] { return journal_->input_closed(); })) release_all();
    thread_.join();
    source_.reset();
  }
  [[nodiscard]] bool wait_until(const std::function<bool()>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!reached()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      journal_->tend();
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  [[nodiscard]] bool wait_for_appended(std::uint64_t count) {
    return wait_until([&] { return journal_->appended() >= count; });
  }
  /// Reads up to this number and says that it is durable.
  void release(std::uint64_t seq) {
    JournalRecord record;
    while (journal_->fed() < seq && journal_->read(record))
      payloads_.emplace_back(record.message.payload);
    journal_->release(journal_->fed());
  }
  void release_all() { release(journal_->appended()); }
  [[nodiscard]] std::uint64_t dropped(DropReason reason) const {
    return account_.receive.dropped[static_cast<std::size_t>(reason)].value();
  }
  [[nodiscard]] std::uint64_t received() const { return account_.receive.received.value(); }
  /// Messages `first` to `last`, each with its number as packet id, on the connection that there is
  /// now: what it has no more time for is not sent on the next one.
  void publish(std::uint16_t first, std::uint16_t last, bool dup = false) {
    const std::size_t connect = broker_.connects().size();
    for (std::uint16_t id = first; id <= last; ++id)
      broker_.publish(kTopic, payload(id), id, dup, connect);
  }
  static std::string payload(unsigned n) { return R"({"n":)" + std::to_string(n) + "}"; }
  std::string log() {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  /// Lines with this text.
  std::size_t count_in_log(const std::string& text) {
    std::istringstream lines(log());
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);)
      count += line.find(text) != std::string::npos ? 1 : 0;
    return count;
  }

  JournalOptions journal_options_{
      .max_bytes = 1U << 20U, .max_record_bytes = 8192, .segment_bytes = 65536};
  SkippingClock clock_;
  Wakeup feed_;
  SourceLedger account_{"lab"};
  std::optional<Journal> journal_;
  std::optional<MqttSource> source_;
  FakeBroker broker_;
  std::thread thread_;
  std::vector<std::string> payloads_;
  std::mutex log_mutex_;
  std::string log_;
};

TEST_F(MqttSourceTest, SaysInItsConnectWhatItTakes) {
  MqttOptions wanted = options(broker_.port());
  wanted.max_packet_bytes = 12'345;
  wanted.receive_maximum = 777;
  wanted.session_expiry = 4242s;
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  const SeenConnect seen = broker_.connects().at(0);
  EXPECT_EQ(seen.protocol, 5);
  EXPECT_FALSE(seen.clean_start);
  EXPECT_EQ(seen.client_id, kClientId);
  EXPECT_EQ(seen.session_expiry_s, 4242U);
  EXPECT_EQ(seen.receive_maximum, 777U);
  EXPECT_EQ(seen.max_packet_bytes, 12'345U);
  EXPECT_THAT(broker_.subscribe_options(), ElementsAre(0x11)) << "QoS 1, retain handling 1";
  ASSERT_TRUE(wait_until([&] { return source_->status().sample(clock_.wall()).granted_qos == 1; }));
  const MqttStatusSample status = source_->status().sample(clock_.wall());
  EXPECT_EQ(status.protocol, MqttProtocol::k5);
  EXPECT_FALSE(status.session_present);
}

TEST_F(MqttSourceTest, AsksForNoSessionAtQos0) {
  MqttOptions wanted = options(broker_.port());
  wanted.qos = 0;
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  EXPECT_TRUE(broker_.connects().at(0).clean_start);
  EXPECT_EQ(broker_.connects().at(0).session_expiry_s, 0U);
  EXPECT_EQ(broker_.subscribe_options().at(0) & 3, 0);
}

TEST_F(MqttSourceTest, AcknowledgesNothingBeforeItIsDurable) {
  std::atomic<unsigned> too_early{0};
  // Packet ids are the numbers in the journal here.
  broker_.on_puback = [&](std::uint16_t id) {
    if (journal_->durable() < id) ++too_early;
  };
  start();
  std::uint16_t last = 0;
  for (const std::uint16_t burst : {1, 3, 7, 20, 1, 50}) {
    publish(static_cast<std::uint16_t>(last + 1), static_cast<std::uint16_t>(last + burst));
    last = static_cast<std::uint16_t>(last + burst);
    ASSERT_TRUE(wait_for_appended(last)) << log();
    std::this_thread::sleep_for(120ms);  // chances to be wrong: the source takes this for silence
    release(last - 1U);                  // not all of it
    std::this_thread::sleep_for(30ms);
    EXPECT_EQ(too_early, 0U);
    release(last);
  }
  ASSERT_TRUE(broker_.wait_for_pubacks(last)) << log();
  EXPECT_EQ(too_early, 0U);
  const std::vector<std::uint16_t> acknowledged = broker_.pubacks();
  for (std::size_t i = 0; i < acknowledged.size(); ++i) EXPECT_EQ(acknowledged[i], i + 1);
}

TEST_F(MqttSourceTest, ReadsNoFurtherThanItsQuotaUntilItHasAcknowledged) {
  MqttOptions wanted = options(broker_.port());
  wanted.receive_maximum = 8;  // so it stops at six
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  publish(1, 20);
  for (const std::uint64_t stop : {6, 12, 18}) {
    ASSERT_TRUE(wait_for_appended(stop)) << log();
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(journal_->appended(), stop);
    release(stop);
  }
  ASSERT_TRUE(wait_for_appended(20));
  release(20);
  ASSERT_TRUE(broker_.wait_for_pubacks(20)) << log();
}

TEST_F(MqttSourceTest, CountsWhatComesAgainAndAppendsItOnce) {
  start();
  publish(1, 3);
  ASSERT_TRUE(wait_for_appended(3)) << log();
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_TRUE(source_->status().sample(clock_.wall()).session_present);
  publish(1, 3, true);
  publish(4, 4);
  ASSERT_TRUE(wait_until([&] { return received() == 7; })) << log();
  EXPECT_EQ(journal_->appended(), 4U);
  EXPECT_EQ(dropped(DropReason::kRedelivered), 3U);
  EXPECT_THAT(broker_.pubacks(), IsEmpty());
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(4)) << log();
  EXPECT_THAT(broker_.pubacks(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(payloads_, ElementsAre(payload(1), payload(2), payload(3), payload(4)));
}

TEST_F(MqttSourceTest, CountsWhatComesAgainThoughItsPubackHasLeft) {
  start();
  publish(1, 3);
  ASSERT_TRUE(wait_for_appended(3)) << log();
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(3)) << log();
  publish(3, 3);
  ASSERT_TRUE(wait_for_appended(4)) << "on the same connection it is another message";
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(4)) << log();
  broker_.cut();  // and has not stored what it read
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  publish(1, 3, true);
  ASSERT_TRUE(broker_.wait_for_pubacks(7)) << "what is durable waits for nothing: " << log();
  EXPECT_EQ(journal_->appended(), 4U);
  EXPECT_EQ(dropped(DropReason::kRedelivered), 3U);
}

TEST_F(MqttSourceTest, TakesAnotherMessageUnderAnOldIdForANewOne) {
  start();
  publish(1, 1);
  ASSERT_TRUE(wait_for_appended(1)) << log();
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  broker_.publish(kTopic, "another", 1);
  ASSERT_TRUE(wait_for_appended(2)) << log();
  EXPECT_EQ(dropped(DropReason::kRedelivered), 0U);
}

TEST_F(MqttSourceTest, TakesEverythingForNewWithoutASession) {
  start();
  publish(1, 2);
  ASSERT_TRUE(wait_for_appended(2)) << log();
  broker_.forget_session();
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  publish(1, 2);
  ASSERT_TRUE(wait_for_appended(4)) << log();
  EXPECT_EQ(dropped(DropReason::kRedelivered), 0U);
}

TEST_F(MqttSourceTest, RecognisesWhatAnEarlierProcessHasTaken) {
  start();  // so that there is a session
  finish();
  journal_.reset();
  const UnacknowledgedMessage earlier[] = {{9, delivery_hash(kTopic, payload(9)), 0}};
  start(options(broker_.port()), earlier);
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  publish(9, 10, true);
  ASSERT_TRUE(wait_until([&] { return received() == 2; })) << log();
  EXPECT_EQ(dropped(DropReason::kRedelivered), 1U);
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(2)) << log();
  EXPECT_THAT(payloads_, ElementsAre(payload(10)));
}

TEST_F(MqttSourceTest, FallsBackTo311AndRemembersIt) {
  broker_.set_script({.speaks_5 = false});
  start(options(broker_.port()));
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  publish(1, 1);
  ASSERT_TRUE(wait_for_appended(1)) << log();
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(1)) << log();
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  const std::vector<SeenConnect> seen = broker_.connects();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].protocol, 5);
  EXPECT_EQ(seen[1].protocol, 4);
  EXPECT_EQ(seen[2].protocol, 4);
  EXPECT_FALSE(seen[1].clean_start);
  EXPECT_EQ(seen[1].client_id, kClientId);
  EXPECT_EQ(source_->status().sample(clock_.wall()).protocol, MqttProtocol::k311);
}

TEST_F(MqttSourceTest, FallsBackTo311WhenTheBrokerJustHangsUp) {
  broker_.set_script({.hangs_up_on_5 = true});
  start(options(broker_.port()));
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  EXPECT_EQ(broker_.connects().back().protocol, 4);
  broker_.set_script({});  // it was only not well
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_EQ(broker_.connects().back().protocol, 5);
}

TEST_F(MqttSourceTest, GoesWithWhatTheBrokerGrants) {
  broker_.set_script({.granted_qos = 0});
  start();
  for (unsigned i = 1; i <= 100; ++i) broker_.publish(kTopic, payload(i), 0);
  ASSERT_TRUE(wait_for_appended(100)) << "at QoS 0 nothing waits for a commit";
  EXPECT_EQ(source_->status().sample(clock_.wall()).granted_qos, 0);
}

TEST_F(MqttSourceTest, AcknowledgesWhatIsTooLargeOrItWouldComeForEver) {
  start();
  broker_.publish(kTopic, std::string(9000, 'x'), 1);
  ASSERT_TRUE(broker_.wait_for_pubacks(1)) << log();
  EXPECT_EQ(dropped(DropReason::kOversized), 1U);
  EXPECT_EQ(received(), 1U);
  EXPECT_EQ(journal_->appended(), 0U);
}

/// The largest that MQTT can carry.
class MqttLargestTest : public MqttSourceTest, public testing::WithParamInterface<bool> {};

TEST_P(MqttLargestTest, IsRefusedWithoutACopyAndTheNextOneIsTaken) {
  constexpr std::size_t kLargestPacket = 268'435'455;
  const std::size_t payload_bytes = kLargestPacket - 2 - std::string(kTopic).size() - 3;
  broker_.set_script({.speaks_5 = GetParam()});
  start(options(broker_.port()));
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  const std::size_t before = resident_anonymous_bytes();
  PeakMemory memory;
  std::atomic<bool> sent{false};
  std::thread sender([&] {
    broker_.publish_filler(kTopic, payload_bytes, 1);
    sent = true;
  });
  EXPECT_TRUE(wait_until([&] {
    memory.look();
    return sent && broker_.pubacks().size() == 1;
  })) << log();
  sender.join();
  EXPECT_EQ(dropped(DropReason::kOversized), 1U);
  EXPECT_EQ(received(), 1U);
  EXPECT_EQ(journal_->appended(), 0U);
  publish(2, 2);
  ASSERT_TRUE(wait_for_appended(1)) << log();
  EXPECT_EQ(broker_.connects().size(), GetParam() ? 1U : 2U) << "no connection was lost by it";
  if (memory_can_be_measured()) {
    EXPECT_LT(memory.growth_bytes(), kLargestPacket * 9 / 4) << "the library has it twice";
    EXPECT_LT(resident_anonymous_bytes(), before + kLargestPacket / 8) << "and that is given back";
  }
}

// A broker of version 5 is told not to send it; this one does not listen.
INSTANTIATE_TEST_SUITE_P(Protocols, MqttLargestTest, testing::Values(false, true));

TEST_F(MqttSourceTest, LeavesToTheBrokerWhatTheJournalHasNoRoomFor) {
  journal_options_ = {.max_bytes = 3 * 16384, .max_record_bytes = 8192, .segment_bytes = 16384};
  start();
  const std::string large(5000, 'x');
  for (std::uint16_t id = 1; id <= 12; ++id)
    broker_.publish(kTopic, large + payload(id), id, false, 1);
  ASSERT_TRUE(broker_.wait_for_connects(2)) << "it hangs up: " << log();
  EXPECT_THAT(broker_.pubacks(), IsEmpty());
  const std::uint64_t fitted = journal_->appended();
  EXPECT_LT(fitted, 12U);
  EXPECT_EQ(dropped(DropReason::kJournalFull), 0U);
  // The database is well again; the broker sends all of it again at each connect.
  std::size_t subscriptions = 2;
  while (broker_.pubacks().size() < 12 && subscriptions < 50) {
    release_all();
    ASSERT_TRUE(broker_.wait_for_subscriptions(static_cast<unsigned>(subscriptions))) << log();
    const std::size_t connect = broker_.connects().size();
    for (std::uint16_t id = 1; id <= 12; ++id) {
      const std::vector<std::uint16_t> done = broker_.pubacks();
      if (std::find(done.begin(), done.end(), id) == done.end())
        broker_.publish(kTopic, large + payload(id), id, true, connect);
    }
    static_cast<void>(wait_until([&] {
      release_all();
      return broker_.pubacks().size() >= 12 || broker_.connects().size() > subscriptions;
    }));
    subscriptions = broker_.connects().size();
  }
  EXPECT_GE(broker_.pubacks().size(), 12U) << log();
  std::vector<std::string> expected;
  for (unsigned id = 1; id <= 12; ++id) expected.push_back(large + payload(id));
  EXPECT_EQ(payloads_, expected) << "each once, in order";
  EXPECT_EQ(received(), 12U + dropped(DropReason::kRedelivered));
}

TEST_F(MqttSourceTest, MakesANewConnectionWhenAsked) {
  start();
  source_->request_reconnect();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_TRUE(broker_.wait_for_disconnects(1)) << "it says goodbye";
  publish(1, 1);
  ASSERT_TRUE(wait_for_appended(1)) << log();
}

TEST_F(MqttSourceTest, AcknowledgesNothingWithItsGoodbye) {
  start();
  publish(1, 3);
  ASSERT_TRUE(wait_for_appended(3)) << log();
  source_->request_reconnect();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_THAT(broker_.pubacks(), IsEmpty());
  publish(1, 3, true);
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(3)) << log();
  EXPECT_EQ(dropped(DropReason::kRedelivered), 3U);
}

TEST_F(MqttSourceTest, LeavesWhenWhatItHasReadIsDurableAndAcknowledged) {
  start();
  publish(1, 3);
  ASSERT_TRUE(wait_for_appended(3)) << log();
  finish();
  ASSERT_TRUE(broker_.wait_for_disconnects(1)) << log();
  EXPECT_THAT(broker_.pubacks(), ElementsAre(1, 2, 3));
}

TEST_F(MqttSourceTest, LeavesInTheEndWithoutAcknowledging) {
  MqttOptions wanted = options(broker_.port());
  wanted.goodbye = 100ms;
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  publish(1, 3);
  ASSERT_TRUE(wait_for_appended(3)) << log();
  source_->stop();
  thread_.join();
  EXPECT_THAT(broker_.pubacks(), IsEmpty());
  EXPECT_THAT(log(), testing::HasSubstr("3 messages stay unacknowledged"));
  source_.reset();
}

TEST_F(MqttSourceTest, FindsOutThatNobodyAnswers) {
  TcpProxy proxy(broker_.port());
  MqttOptions wanted = options(proxy.port());
  wanted.keepalive = 5s;
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  proxy.hold(true);
  ASSERT_TRUE(wait_until([&] { return !source_->status().connected(); })) << log();
  proxy.cut();
  proxy.hold(false);
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
}

TEST_F(MqttSourceTest, KeepsTheKeepaliveThatTheBrokerAsksFor) {
  // So long its answers may take, too.
  broker_.set_script({.server_keepalive_s = 5});
  MqttOptions wanted = options(broker_.port());
  wanted.keepalive = 3600s;  // ours: nothing would ever be asked
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  ASSERT_TRUE(wait_until([&] { return broker_.pings() >= 2; })) << log();
  EXPECT_EQ(broker_.connects().size(), 1U) << log();
}

TEST_F(MqttSourceTest, ExpectsNothingSoonerThanTheBrokersKeepaliveSays) {
  unsigned connections = 0;
  for (const int seconds : {3600, 0}) {
    broker_.set_script({.server_keepalive_s = seconds});
    if (connections == 0) {
      MqttOptions wanted = options(broker_.port());
      wanted.keepalive = 5s;
      start(wanted);
    } else {
      source_->request_reconnect();
    }
    ASSERT_TRUE(broker_.wait_for_subscriptions(++connections)) << log();
    ASSERT_TRUE(
        wait_until([&] { return source_->status().sample(clock_.wall()).granted_qos == 1; }));
    clock_.skip(1000s);
    const std::uint64_t turns = source_->status().turns();
    ASSERT_TRUE(wait_until([&] { return source_->status().turns() >= turns + 3; })) << log();
    EXPECT_EQ(broker_.connects().size(), connections) << log();
  }
}

TEST_F(MqttSourceTest, TellsOfTheSameTroubleOnceAndThenHowOftenItCame) {
  broker_.set_script({.hangs_up = true});
  start(options(broker_.port()));
  ASSERT_TRUE(broker_.wait_for_connects(6)) << log();
  const std::string complaint = "MQTT [lab] cannot connect to tcp://fake: ";
  EXPECT_EQ(count_in_log(complaint), 1U) << log();
  EXPECT_THAT(log(), HasSubstr("connection attempt #5"));
  broker_.set_script({});
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  EXPECT_EQ(count_in_log(complaint), 2U) << log();
  EXPECT_EQ(count_in_log("(repeated "), 1U) << log();
  broker_.set_script({.hangs_up = true});
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_connects(broker_.connects().size() + 3)) << log();
  EXPECT_EQ(count_in_log(complaint), 3U) << "news again: " << log();
}

TEST_F(MqttSourceTest, EndsAConnectionWithASecondConnack) {
  start();
  broker_.send_raw(std::string("\x20\x03\x00\x00\x00", 5));
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_THAT(log(), HasSubstr("a second CONNACK"));
}

TEST_F(MqttSourceTest, EndsAConnectionWithAQos2Message) {
  start();
  broker_.send_raw(std::string("\x34\x07\x00\x01t\x00\x05\x00x", 9));
  broker_.send_raw(std::string("\x62\x02\x00\x05", 4));
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_THAT(log(), HasSubstr("QoS 2 was not asked for"));
  EXPECT_EQ(received(), 0U);
}

TEST_F(MqttSourceTest, TriesAgainWhenEverySubscriptionIsRefused) {
  broker_.set_script({.granted_qos = 0x87});
  start();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_THAT(log(), HasSubstr("the broker refuses every subscription"));
  broker_.set_script({});
  ASSERT_TRUE(wait_until([&] { return source_->status().sample(clock_.wall()).granted_qos == 1; }));
}

TEST_F(MqttSourceTest, StaysWithWhatIsGranted) {
  broker_.set_script({.granted_qos = 0x87, .granted_qos_of_others = 1});
  MqttOptions wanted = options(broker_.port());
  wanted.topics = {"secret/#", "meshcore/#"};
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  publish(1, 1);
  ASSERT_TRUE(wait_for_appended(1)) << log();
  EXPECT_EQ(broker_.connects().size(), 1U);
  EXPECT_THAT(log(), HasSubstr("subscribe error for secret/#"));
}

TEST_F(MqttSourceTest, TriesAgainWhenNobodyAnswersASubscription) {
  broker_.set_script({.answers_subscriptions = false});
  MqttOptions wanted = options(broker_.port());
  wanted.connect_timeout = 1s;
  start(wanted);
  ASSERT_TRUE(broker_.wait_for_subscriptions(2)) << log();
  EXPECT_THAT(log(), HasSubstr("no answer to a subscription"));
}

TEST_F(MqttSourceTest, TellsFeedOfAMessageOnlyIfItHasFoundNone) {
  start();
  const auto at_first = feed_.prepare();
  publish(1, 1);
  ASSERT_TRUE(wait_for_appended(1));
  const std::uint64_t turns = source_->status().turns();
  ASSERT_TRUE(wait_until([&] { return source_->status().turns() >= turns + 2; }));
  release_all();
  ASSERT_FALSE(journal_->has_news());
  EXPECT_EQ(feed_.prepare(), at_first) << "nobody had looked";
  publish(2, 2);
  EXPECT_TRUE(wait_until([&] { return feed_.prepare() != at_first; }));
}

TEST_F(MqttSourceTest, TakesAllOfABurstAndWhatComesAfterIt) {
  start();
  for (unsigned n = 1; n <= 3000; ++n) broker_.publish(kTopic, payload(n), 0);
  ASSERT_TRUE(wait_for_appended(3000));
  for (unsigned n = 3001; n <= 3003; ++n) {
    broker_.publish(kTopic, payload(n), 0);  // less than a busy connection gathers
    ASSERT_TRUE(wait_for_appended(n));
  }
  for (unsigned n = 3004; n <= 6000; ++n) broker_.publish(kTopic, payload(n), 0);
  ASSERT_TRUE(wait_for_appended(6000));
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for_subscriptions(2));
  broker_.publish(kTopic, payload(6001), 0);
  ASSERT_TRUE(wait_for_appended(6001));
  release_all();
  for (unsigned n = 1; n <= 6001; ++n) ASSERT_EQ(payloads_.at(n - 1), payload(n));
}

TEST_F(MqttSourceTest, SurvivesACutInTheMiddleOfAMessage) {
  TcpProxy proxy(broker_.port());
  start(options(proxy.port()));
  ASSERT_TRUE(broker_.wait_for_subscriptions(1)) << log();
  for (unsigned round = 1; round <= 20; ++round) {
    proxy.cut_after(30 + 7 * round);
    publish(1, 40, round > 1);
    ASSERT_TRUE(broker_.wait_for_subscriptions(round + 1)) << log();
  }
  publish(1, 40, true);
  ASSERT_TRUE(wait_for_appended(40)) << log();
  release_all();
  ASSERT_TRUE(broker_.wait_for_pubacks(40)) << log();
  std::vector<std::string> expected;
  for (unsigned id = 1; id <= 40; ++id) expected.push_back(payload(id));
  EXPECT_EQ(payloads_, expected) << "each once";
  EXPECT_EQ(received(), 40U + dropped(DropReason::kRedelivered));
}

}  // namespace
}  // namespace sluice::test
