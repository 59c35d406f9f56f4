#include "receive/mqtt_status.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1767225600s};

TEST(SharedText, GivesBackWhatWasSet) {
  SharedText text;
  EXPECT_EQ(text.get(), "");
  text.set("Connection refused");
  EXPECT_EQ(text.get(), "Connection refused");
  text.set("gone");
  EXPECT_EQ(text.get(), "gone");
}

TEST(SharedText, CutsWhatIsTooLong) {
  SharedText text;
  text.set(std::string(500, 'x'));
  EXPECT_EQ(text.get(), std::string(SharedText::kMaxBytes, 'x'));
}

TEST(SharedText, NeverShowsHalfOfATextToAReader) {
  SharedText text;
  const std::string even(SharedText::kMaxBytes, 'a');
  const std::string odd(SharedText::kMaxBytes, 'b');
  text.set(even);
  std::atomic<bool> stop{false};
  std::thread setter([&] {
    for (int i = 0; i < 20000; ++i) text.set(i % 2 == 0 ? odd : even);
    stop.store(true);
  });
  while (!stop.load()) {
    const std::string seen = text.get();
    if (seen != even && seen != odd) ADD_FAILURE() << seen;
  }
  setter.join();
}

TEST(MqttStatus, IsConnectedFromTheConnackToTheDisconnect) {
  MqttStatus status;
  EXPECT_FALSE(status.connected());
  status.note_connected(kNow);
  EXPECT_TRUE(status.connected());
  status.note_disconnected(kNow + 5s, "the keepalive ran out");
  const MqttStatusSample sample = status.sample(kNow + 6s);
  EXPECT_FALSE(sample.connected);
  EXPECT_EQ(sample.last_connect_unix, 1767225600);
  EXPECT_EQ(sample.last_disconnect_unix, 1767225605);
  EXPECT_EQ(sample.connects, 1U);
  EXPECT_EQ(sample.disconnects, 1U);
  EXPECT_EQ(sample.last_error, "the keepalive ran out");
}

TEST(MqttStatus, AFailedAttemptIsNoDisconnect) {
  MqttStatus status;
  status.note_disconnected(kNow, "Connection refused");
  const MqttStatusSample sample = status.sample(kNow);
  EXPECT_EQ(sample.disconnects, 0U);
  EXPECT_EQ(sample.last_disconnect_unix, 0);
  EXPECT_EQ(sample.last_error, "Connection refused");
}

TEST(MqttStatus, AConnectionClearsTheError) {
  MqttStatus status;
  status.note_disconnected(kNow, "Connection refused");
  status.note_connected(kNow);
  EXPECT_EQ(status.sample(kNow).last_error, "");
}

TEST(MqttStatus, CountsTheLastFiveMinutesToTheSecond) {
  MqttStatus status;
  status.note_packet(kNow);
  status.note_packet(kNow + 999ms);
  status.note_packet(kNow + 1s);
  EXPECT_EQ(status.packets_in_5_minutes(kNow + 1s), 3U);
  EXPECT_EQ(status.packets_in_5_minutes(kNow + 299s), 3U);
  EXPECT_EQ(status.packets_in_5_minutes(kNow + 300s), 1U);
  EXPECT_EQ(status.packets_in_5_minutes(kNow + 301s), 0U);
  EXPECT_EQ(status.packets(), 3U);
}

TEST(MqttStatus, ASlotIsReusedForItsNextSecond) {
  MqttStatus status;
  for (int i = 0; i < 10; ++i) status.note_packet(kNow);
  status.note_packet(kNow + 300s);
  EXPECT_EQ(status.packets_in_5_minutes(kNow + 300s), 1U);
  EXPECT_EQ(status.sample(kNow + 300s).last_packet_unix, 1767225900);
}

TEST(MqttStatus, AClockThatWasSetBackLeavesNothingBehind) {
  MqttStatus status;
  status.note_packet(kNow + 1h);
  EXPECT_EQ(status.packets_in_5_minutes(kNow), 0U);
}

}  // namespace
}  // namespace sluice
