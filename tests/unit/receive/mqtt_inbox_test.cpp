#include "receive/mqtt_inbox.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;
using Step = MqttInbox::Step;

constexpr const char* kTopic = "meshcore/SFO/AB/packets";

/// An inbox that an earlier process has left message 9 to.
class MqttInboxTest : public testing::Test {
 protected:
  MqttInboxTest() {
    inbox_.open(true);
    inbox_.begin_attempt({.owed = 1});
    inbox_.begin_session(true, now_);
  }
  void take(std::uint16_t id, const char* payload) {
    EXPECT_TRUE(inbox_.take({.received = WallTime{},
                             .topic = kTopic,
                             .payload = payload,
                             .message_id = id,
                             .qos = 1,
                             .retained = false,
                             .duplicate = false},
                            now_));
  }
  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      now_ += 1s;
      static_cast<void>(inbox_.step(now_));
      inbox_.keep_house(now_);
    }
  }
  [[nodiscard]] std::uint64_t redelivered() const {
    return account_.receive.dropped[static_cast<std::size_t>(DropReason::kRedelivered)].value();
  }

  Journal journal_{{.max_bytes = 1U << 20U, .max_record_bytes = 8192, .segment_bytes = 65536}};
  SourceLedger account_{"lab"};
  const UnacknowledgedMessage earlier_[1] = {{9, delivery_hash(kTopic, "nine"), 0}};
  MqttInbox inbox_{Intake(journal_, account_), earlier_};
  MonoTime now_{1h};
};

TEST_F(MqttInboxTest, ForgetsWhatDoesNotComeAgain) {
  pass(59s);
  take(9, "nine");
  EXPECT_EQ(redelivered(), 1U);
  inbox_.flushed(now_);
  inbox_.begin_session(true, now_);
  pass(60s);
  take(9, "nine");
  EXPECT_EQ(redelivered(), 1U);
}

TEST_F(MqttInboxTest, WaitsForWhatCannotComeWhileReadingIsStopped) {
  take(1, "one");
  pass(600s);  // a database that is locked: nothing becomes durable
  take(9, "nine");
  EXPECT_EQ(redelivered(), 1U);
  EXPECT_EQ(journal_.appended(), 1U);
}

}  // namespace
}  // namespace sluice
