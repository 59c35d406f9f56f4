#include "receive/wake_pace.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

class WakePaceTest : public testing::Test {
 protected:
  WakePaceTest() { pace_.begin(socket_); }
  ~WakePaceTest() override { close(socket_); }

  /// The thread is woken so often in the next ten milliseconds, each time by so many messages.
  void wake(int times, std::size_t messages) {
    for (int i = 0; i < times; ++i) pace_.note_wake(messages, now_ + i * 10ms / times);
    now_ += 10ms;
  }

  [[nodiscard]] int bytes_that_wake() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(socket_, SOL_SOCKET, SO_RCVLOWAT, &bytes, &size);
    return bytes;
  }

  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  WakePace pace_;
  MonoTime now_ = MonoTime(1h);
};

TEST_F(WakePaceTest, AConnectionWakesItsThreadAtOnce) {
  for (int i = 0; i < 100; ++i) wake(20, 1);  // two thousand messages a second
  EXPECT_FALSE(pace_.gathers());
  EXPECT_EQ(bytes_that_wake(), 1);
}

TEST_F(WakePaceTest, ABusyOneGathers) {
  wake(100, 1);
  EXPECT_TRUE(pace_.gathers());
  EXPECT_EQ(bytes_that_wake(), WakePace::kGatheredBytes);
}

TEST_F(WakePaceTest, WakesWithoutMessagesAreNoReason) {
  for (int i = 0; i < 10; ++i) wake(100, 0);
  EXPECT_FALSE(pace_.gathers());
}

TEST_F(WakePaceTest, WhatComesInLargePiecesNeedsNoGathering) {
  for (int i = 0; i < 100; ++i) wake(10, 1000);
  EXPECT_FALSE(pace_.gathers());
}

TEST_F(WakePaceTest, GoesOnWhileGatheringMakesTheWakesFew) {
  wake(100, 1);
  for (int i = 0; i < 100; ++i) wake(10, 2);
  EXPECT_TRUE(pace_.gathers());
}

TEST_F(WakePaceTest, EndsWhenTheConnectionIsQuiet) {
  wake(100, 1);
  wake(10, 0);  // every millisecond, in vain
  wake(1, 0);
  EXPECT_FALSE(pace_.gathers());
  EXPECT_EQ(bytes_that_wake(), 1);
}

TEST_F(WakePaceTest, WithoutASocketItNeverGathers) {
  pace_.begin(WakePace::kNoSocket);
  wake(100, 1);
  EXPECT_FALSE(pace_.gathers());
}

TEST_F(WakePaceTest, ANewConnectionIsNotBusy) {
  wake(100, 1);
  const int next = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  pace_.begin(next);
  EXPECT_FALSE(pace_.gathers());
  close(next);
}

}  // namespace
}  // namespace sluice
