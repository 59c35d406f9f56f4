#pragma once

#include <chrono>
#include <vector>

#include "receive/name_lookup.h"

namespace sluice {

/// The library connects to the first address that does not refuse at once, and to no other. This
/// puts a connection to another one in the place of its socket, which has just begun to connect:
/// the `turn`-th of the list, counted around, or one after it if the system knows no way to that.
/// Nothing happens at turn 0, with a single address, or if the library's own attempt has already
/// got through. The descriptor's number stays.
void steer_to_address(int socket, const std::vector<HostAddress>& addresses, unsigned turn);

/// Has the kernel give up a connection whose other end has not confirmed anything for so long
/// (TCP_USER_TIMEOUT).
void limit_silence(int socket, std::chrono::milliseconds longest);

/// Keeps a connection open while the library closes it, and then waits until the other end has
/// closed it too, `longest` at most. Closed with unread bytes it would be reset, and a reset
/// discards what the broker has not read yet: the last acknowledgements.
///
/// Thread: bound(receive).
class GentleClose {
 public:
  explicit GentleClose(int socket);
  ~GentleClose();
  GentleClose(const GentleClose&) = delete;
  GentleClose& operator=(const GentleClose&) = delete;

  void wait(std::chrono::milliseconds longest);

 private:
  int kept_;
};

}  // namespace sluice
