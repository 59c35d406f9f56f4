#include "receive/read_ahead.h"

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice {
namespace {

/// Both ends of a connection; ours does not block, as the library's.
class ReadAheadTest : public testing::Test {
 protected:
  ReadAheadTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours_ = ends[0];
    theirs_ = ends[1];
  }
  ~ReadAheadTest() override {
    close(ours_);
    if (theirs_ >= 0) close(theirs_);
  }

  void send(const std::string& bytes) const {
    ASSERT_EQ(::send(theirs_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  /// What read(2) gives, as the library calls it; "again" and "failed" for what it does not.
  [[nodiscard]] std::string read_some(std::size_t size) const {
    std::string bytes(size, '\0');
    errno = 0;
    const ssize_t got = ::read(ours_, bytes.data(), size);
    if (got < 0) return errno == EAGAIN ? "again" : "failed";
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

  [[nodiscard]] int waiting_in_kernel() const {
    int bytes = -1;
    ioctl(ours_, FIONREAD, &bytes);
    return bytes;
  }

  int ours_ = -1;
  int theirs_ = -1;
};

TEST_F(ReadAheadTest, TakesFromTheKernelAtOnceWhatIsReadInPieces) {
  ReadAhead ahead;
  ahead.attach(ours_);
  send("0123456789");
  EXPECT_EQ(read_some(1), "0");
  EXPECT_EQ(waiting_in_kernel(), 0);
  EXPECT_EQ(ahead.waiting(), 9U);
  EXPECT_EQ(read_some(2), "12");
  EXPECT_EQ(read_some(100), "3456789");
  EXPECT_EQ(ahead.waiting(), 0U);
}

TEST_F(ReadAheadTest, SaysAgainWhenAllIsRead) {
  ReadAhead ahead;
  ahead.attach(ours_);
  EXPECT_EQ(read_some(1), "again");
  send("ab");
  EXPECT_EQ(read_some(2), "ab");
  EXPECT_EQ(read_some(1), "again");
  EXPECT_EQ(read_some(1), "again");
}

TEST_F(ReadAheadTest, SaysAgainOnceWithoutAskingAndThenAsks) {
  ReadAhead ahead;
  ahead.attach(ours_);
  send("ab");
  EXPECT_EQ(read_some(2), "ab");
  send("cd");  // poll() knows of these
  EXPECT_EQ(read_some(2), "again");
  EXPECT_EQ(read_some(2), "cd");
}

TEST_F(ReadAheadTest, GoesOnAskingWhileTheKernelFillsIt) {
  ReadAhead ahead(4);
  ahead.attach(ours_);
  send("0123456789");
  std::string all;
  for (std::string piece; (piece = read_some(3)) != "again";) all += piece;
  EXPECT_EQ(all, "0123456789");
}

TEST_F(ReadAheadTest, LargePiecesAreNotCopiedTwiceAndKeepTheirOrder) {
  ReadAhead ahead(4);
  ahead.attach(ours_);
  send("0123456789");
  EXPECT_EQ(read_some(1), "0");
  EXPECT_EQ(read_some(100), "123");
  EXPECT_EQ(read_some(100), "456789");
}

TEST_F(ReadAheadTest, TellsTheEndAfterTheLastByte) {
  ReadAhead ahead;
  ahead.attach(ours_);
  send("ab");
  close(theirs_);
  theirs_ = -1;
  EXPECT_EQ(read_some(1), "a");
  EXPECT_EQ(read_some(1), "b");
  EXPECT_EQ(read_some(1), "again");
  EXPECT_EQ(read_some(1), "");
}

TEST_F(ReadAheadTest, ForgetsWhatIsLeftOfAnotherConnection) {
  ReadAhead ahead;
  ahead.attach(ours_);
  send("of the old one");
  EXPECT_EQ(read_some(1), "o");
  ahead.attach(ours_);
  send("new");
  EXPECT_EQ(read_some(3), "new");
}

TEST_F(ReadAheadTest, LeavesOtherDescriptorsAndThreadsAlone) {
  ReadAhead ahead;
  ahead.attach(ours_);
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
  ASSERT_EQ(write(pipe_ends[1], "xy", 2), 2);
  std::array<char, 2> bytes{};
  EXPECT_EQ(::read(pipe_ends[0], bytes.data(), 1), 1);
  EXPECT_EQ(bytes[0], 'x');
  int waiting = 0;
  ioctl(pipe_ends[0], FIONREAD, &waiting);
  EXPECT_EQ(waiting, 1);

  send("abc");
  std::thread([&] { EXPECT_EQ(read_some(1), "a"); }).join();
  EXPECT_EQ(waiting_in_kernel(), 2);
  EXPECT_EQ(read_some(1), "b");
  EXPECT_EQ(waiting_in_kernel(), 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_F(ReadAheadTest, DetachedItIsOutOfTheWay) {
  ReadAhead ahead;
  ahead.attach(ours_);
  ahead.detach();
  send("abc");
  EXPECT_EQ(read_some(1), "a");
  EXPECT_EQ(waiting_in_kernel(), 2);
}

}  // namespace
}  // namespace sluice
