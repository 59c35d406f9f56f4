#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace sluice {

/// One address of a host with its port, as the system's calls want it.
struct HostAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

/// What the system knows of a name.
struct LookupAnswer {
  std::vector<HostAddress> addresses;  ///< in the system's order of preference
  std::string problem;                 ///< for people; empty exactly if there are addresses
};

/// Asks the system for the addresses of `host`, which may also be an address, and calls `done`
/// once: at once for an address, else on a thread of its own, which nobody waits for, since nothing
/// ends a name resolution that hangs. So `done` must own what it uses. Throws std::system_error
/// when no thread can be started.
void look_up(const std::string& host, std::uint16_t port,
             const std::function<void(LookupAnswer)>& done);

/// The same, in the time that it takes. The library asks like this, so the order is its order.
[[nodiscard]] LookupAnswer look_up_and_wait(const std::string& host, std::uint16_t port);

}  // namespace sluice
