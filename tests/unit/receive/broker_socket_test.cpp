#include "receive/broker_socket.h"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loopback.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

HostAddress loopback(std::uint16_t port) {
  HostAddress address;
  auto& bytes = reinterpret_cast<sockaddr_in&>(address.bytes);
  bytes.sin_family = AF_INET;
  bytes.sin_port = htons(port);
  bytes.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.size = sizeof bytes;
  return address;
}

/// The port at the other end once the connection stands, 0 if it comes to nothing.
std::uint16_t peer_of(int socket) {
  pollfd ready{socket, POLLOUT, 0};
  poll(&ready, 1, 60'000);
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0 ? ntohs(peer.sin_port)
                                                                             : 0;
}

class SteerToAddressTest : public testing::Test {
 protected:
  ~SteerToAddressTest() override {
    close(one_.fd);
    close(two_.fd);
    close(socket_);
  }

  const test::Listener one_ = test::listen_on_loopback();
  const test::Listener two_ = test::listen_on_loopback();
  const std::vector<HostAddress> both_{loopback(one_.port), loopback(two_.port)};
  // As the library leaves it while its own connect has not come to anything.
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

TEST_F(SteerToAddressTest, ConnectsTheSameDescriptorToTheNextAddress) {
  steer_to_address(socket_, both_, 1);
  EXPECT_EQ(peer_of(socket_), two_.port);
}

TEST_F(SteerToAddressTest, CountsAround) {
  steer_to_address(socket_, both_, 3);
  EXPECT_EQ(peer_of(socket_), two_.port);
}

TEST_F(SteerToAddressTest, LeavesTheFirstAddressToTheLibrary) {
  steer_to_address(socket_, both_, 0);
  steer_to_address(socket_, both_, 2);
  steer_to_address(socket_, {loopback(two_.port)}, 1);
  steer_to_address(-1, both_, 1);
  EXPECT_EQ(peer_of(socket_), 0);
}

TEST_F(SteerToAddressTest, LeavesAConnectionThatStands) {
  const int connected = test::connect_to_loopback(one_.port);
  steer_to_address(connected, both_, 1);
  EXPECT_EQ(peer_of(connected), one_.port);
  close(connected);
}

TEST_F(SteerToAddressTest, PassesOverAnAddressThatTheSystemKnowsNoWayTo) {
  HostAddress nowhere;
  nowhere.bytes.ss_family = AF_INET6;  // too short to be one
  nowhere.size = sizeof(sa_family_t);
  steer_to_address(socket_, {both_[0], nowhere, both_[1]}, 1);
  EXPECT_EQ(peer_of(socket_), two_.port);
}

TEST(LimitSilence, IsKeptByTheKernel) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  limit_silence(socket, 20s);
  unsigned milliseconds = 0;
  socklen_t size = sizeof milliseconds;
  ASSERT_EQ(getsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size), 0);
  EXPECT_EQ(milliseconds, 20'000U);
  close(socket);
}

TEST(GentleClose, LetsTheOtherEndReadTheLastWords) {
  const test::Listener listener = test::listen_on_loopback();
  const int client = test::connect_to_loopback(listener.port);
  const int server = accept(listener.fd, nullptr, nullptr);
  ASSERT_EQ(send(server, "unread", 6, 0), 6);
  {
    GentleClose connection(client);
    ASSERT_EQ(send(client, "last", 4, 0), 4);
    close(client);
    // The other end is slow, but reads.
    char words[8];
    EXPECT_EQ(recv(server, words, sizeof words, 0), 4);
    close(server);
    connection.wait(60s);
  }
  close(listener.fd);
}

}  // namespace
}  // namespace sluice
