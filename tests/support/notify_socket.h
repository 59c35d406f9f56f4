#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sluice::test {

/// The end of sd_notify's socket that systemd holds.
///
/// Thread: bound to the test.
class NotifySocket {
 public:
  /// `address`: a path, or @ and an abstract name. Throws std::runtime_error.
  explicit NotifySocket(const std::string& address);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// The next datagram; empty when none comes for `patience`.
  [[nodiscard]] std::string next(std::chrono::milliseconds patience = std::chrono::milliseconds(0));
  /// Those that are there.
  [[nodiscard]] std::vector<std::string> all();
  /// Reads until one begins with `text`; false when a minute passes without.
  [[nodiscard]] bool wait_for(const std::string& text);

 private:
  int socket_ = -1;
};

}  // namespace sluice::test
