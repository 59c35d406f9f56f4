#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// Looks a variable up; the process's environment, or a test's.
using VariableLookUp = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] std::optional<std::string> process_variable(const char* name);

/// Talks to systemd, or whoever set NOTIFY_SOCKET: sd_notify's datagrams, without its library. No
/// call ever waits or fails; without a socket all do nothing.
///
/// Thread: main.
class ServiceManager {
 public:
  /// From NOTIFY_SOCKET (a path, or @ and an abstract name), WATCHDOG_USEC and WATCHDOG_PID.
  ServiceManager(const VariableLookUp& variable, const Clock& clock);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// The start is complete. Call it again and again: it is told once, and a manager that had no
  /// room for it is told again.
  void ready();
  /// One line for `systemctl status`; sent when it is another than the last.
  void status(std::string_view line);
  /// A sign of life, every half of WATCHDOG_USEC. Call it often, and only while all is well.
  void alive();
  /// The end has begun. Call it again and again, like ready().
  void stopping();
  /// Start or end takes longer than expected: `time` more from now on. At most one a second.
  void more_time(std::chrono::seconds time);

  [[nodiscard]] bool wants_signs_of_life() const noexcept { return watchdog_ > watchdog_.zero(); }

 private:
  /// False: the manager has no room for it now.
  bool send(std::string_view message) const;

  const Clock& clock_;
  int socket_ = -1;
  std::string address_;  // as sockaddr_un::sun_path wants it
  std::chrono::microseconds watchdog_{0};
  MonoTime next_sign_ = MonoTime::min();
  MonoTime next_request_ = MonoTime::min();
  std::string last_status_;
  bool told_ready_ = false;
  bool told_stopping_ = false;
};

}  // namespace sluice
