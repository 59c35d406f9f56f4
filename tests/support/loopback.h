#pragma once

#include <cstdint>

namespace sluice::test {

/// A listening socket on 127.0.0.1; its port is the system's choice if `port` is 0. Throws
/// std::system_error.
struct Listener {
  int fd;
  std::uint16_t port;
};
[[nodiscard]] Listener listen_on_loopback(std::uint16_t port = 0, int backlog = 16);

/// A port of 127.0.0.1 at which nobody listens, nor can anybody else while this lives. Throws
/// std::system_error.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

 private:
  int socket_;
  std::uint16_t number_ = 0;
};

/// A connection to a port of this machine, or -1.
[[nodiscard]] int connect_to_loopback(std::uint16_t port);

/// Closes it so that the other end gets a reset.
void reset_connection(int socket);

}  // namespace sluice::test
