#include "support/notify_socket.h"

#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice::test {

NotifySocket::NotifySocket(const std::string& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.data(), std::min(address.size(), sizeof name.sun_path));
  if (name.sun_path[0] == '@') name.sun_path[0] = '\0';
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    throw std::runtime_error("bind: " + address);
  }
}

NotifySocket::~NotifySocket() { close(socket_); }

std::string NotifySocket::next(std::chrono::milliseconds patience) {
  pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return {};
  std::string text(4096, '\0');
  const ssize_t size = recv(socket_, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

std::vector<std::string> NotifySocket::all() {
  std::vector<std::string> texts;
  for (std::string text = next(); !text.empty(); text = next()) texts.push_back(text);
  return texts;
}

bool NotifySocket::wait_for(const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until) {
    if (next(std::chrono::seconds(1)).rfind(text, 0) == 0) return true;
  }
  return false;
}

}  // namespace sluice::test
