#include "receive/broker_socket.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice {
namespace {

/// A connection to it that has begun, or -1.
int begin_connect(const HostAddress& to) {
  const int fd =
      ::socket(to.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* const address = reinterpret_cast<const sockaddr*>(&to.bytes);
  if (connect(fd, address, to.size) == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

}  // namespace

void steer_to_address(int socket, const std::vector<HostAddress>& addresses, unsigned turn) {
  if (socket < 0 || addresses.size() < 2 || turn % addresses.size() == 0) return;
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  // Connected: bytes may have gone out already, so this connection it has to be.
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0) return;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const int other = begin_connect(addresses[(turn + i) % addresses.size()]);
    if (other < 0) continue;
    dup3(other, socket, O_CLOEXEC);
    close(other);
    return;
  }
}

void limit_silence(int socket, std::chrono::milliseconds longest) {
  const auto timeout_ms = static_cast<unsigned>(longest.count());
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

GentleClose::GentleClose(int socket) : kept_(fcntl(socket, F_DUPFD_CLOEXEC, 0)) {}

GentleClose::~GentleClose() {
  if (kept_ >= 0) close(kept_);
}

void GentleClose::wait(std::chrono::milliseconds longest) {
  if (kept_ < 0) return;
  shutdown(kept_, SHUT_WR);
  const auto deadline = std::chrono::steady_clock::now() + longest;
  std::array<char, 16384> unread;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd socket{kept_, POLLIN, 0};
    if (left.count() <= 0 || poll(&socket, 1, static_cast<int>(left.count())) <= 0) return;
    if (recv(kept_, unread.data(), unread.size(), MSG_DONTWAIT) <= 0) return;
  }
}

}  // namespace sluice
