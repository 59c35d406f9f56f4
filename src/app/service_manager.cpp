#include "app/service_manager.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice {
namespace {

std::int64_t number_in(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::optional<std::string> process_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

ServiceManager::ServiceManager(const VariableLookUp& variable, const Clock& clock) : clock_(clock) {
  address_ = variable("NOTIFY_SOCKET").value_or("");
  if (address_.empty() || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_.front() != '/' && address_.front() != '@') return;
  if (address_.front() == '@') address_.front() = '\0';
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto pid = variable("WATCHDOG_PID");
  if (!pid || number_in(pid) == getpid()) {
    watchdog_ =
        std::chrono::microseconds(std::max<std::int64_t>(0, number_in(variable("WATCHDOG_USEC"))));
  }
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) close(socket_);
}

void ServiceManager::ready() {
  if (!told_ready_) told_ready_ = send("READY=1");
}

void ServiceManager::status(std::string_view line) {
  std::string one_line(line);  // the datagram has an assignment a line
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  if (one_line == last_status_) return;
  if (send("STATUS=" + one_line)) last_status_ = std::move(one_line);
}

void ServiceManager::alive() {
  if (!wants_signs_of_life()) return;
  const MonoTime now = clock_.mono();
  if (now < next_sign_) return;
  if (send("WATCHDOG=1")) next_sign_ = now + watchdog_ / 2;
}

void ServiceManager::stopping() {
  if (!told_stopping_) told_stopping_ = send("STOPPING=1");
}

void ServiceManager::more_time(std::chrono::seconds time) {
  const MonoTime now = clock_.mono();
  if (now < next_request_) return;
  next_request_ = now + std::chrono::seconds(1);
  send(fmt::format("EXTEND_TIMEOUT_USEC={}", std::chrono::microseconds(time).count()));
}

bool ServiceManager::send(std::string_view message) const {
  if (socket_ < 0) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // A manager that does not read is its own trouble: nobody waits for it.
  const ssize_t sent = sendto(socket_, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), length);
  return sent >= 0 || errno != EAGAIN;
}

}  // namespace sluice
