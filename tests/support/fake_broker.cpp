#include "support/fake_broker.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loopback.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

constexpr std::uint8_t kConnect = 0x10;
constexpr std::uint8_t kPuback = 0x40;
constexpr std::uint8_t kSubscribe = 0x80;
constexpr std::uint8_t kPing = 0xC0;
constexpr std::uint8_t kDisconnect = 0xE0;

std::string two_bytes(std::size_t value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

/// What a packet begins with whose body is that long.
std::string fixed_header(std::uint8_t command, std::size_t body_bytes) {
  std::string bytes(1, static_cast<char>(command));
  for (std::size_t left = body_bytes;;) {
    const std::size_t low = left % 128;
    left /= 128;
    bytes += static_cast<char>(low | (left > 0 ? 0x80U : 0U));
    if (left == 0) return bytes;
  }
}

std::string packet(std::uint8_t command, const std::string& body) {
  return fixed_header(command, body.size()) + body;
}

bool receive_exactly(int socket, char* to, std::size_t count) {
  while (count > 0) {
    const ssize_t got = recv(socket, to, count, 0);
    if (got <= 0) return false;
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

/// Reads what CONNECT says, in order.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8U | next();
    return value;
  }
  std::uint8_t next() { return at_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at_++]) : 0; }
  std::string text() {
    const std::size_t size = number(2);
    std::string text(bytes_.substr(std::min(at_, bytes_.size()), size));
    at_ += size;
    return text;
  }
  [[nodiscard]] std::size_t place() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

SeenConnect read_connect(const std::string& body) {
  SeenConnect seen;
  Cursor cursor(body);
  static_cast<void>(cursor.text());
  seen.protocol = cursor.next();
  seen.clean_start = (cursor.next() & 2U) != 0;
  cursor.number(2);  // keepalive
  if (seen.protocol == 5) {
    const std::size_t end = cursor.next() + cursor.place();
    while (cursor.place() < end) {
      switch (cursor.next()) {
        case 0x11:
          seen.session_expiry_s = cursor.number(4);
          break;
        case 0x21:
          seen.receive_maximum = cursor.number(2);
          break;
        case 0x27:
          seen.max_packet_bytes = cursor.number(4);
          break;
        default:
          break;
      }
    }
  }
  seen.client_id = cursor.text();
  return seen;
}

}  // namespace

FakeBroker::FakeBroker(FakeBrokerScript script) : script_(script) {
  const Listener listener = listen_on_loopback();
  listener_ = listener.fd;
  port_ = listener.port;
  thread_ = std::thread([this] { serve(); });
}

FakeBroker::~FakeBroker() {
  ending_ = true;
  shutdown(listener_, SHUT_RDWR);
  {
    const std::lock_guard lock(mutex_);
    if (client_ >= 0) shutdown(client_, SHUT_RDWR);
  }
  thread_.join();
  close(listener_);
}

void FakeBroker::serve() {
  while (!ending_) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      client_ = socket;
      subscribed_ = false;
    }
    if (!ending_) talk(socket);
    const std::lock_guard lock(mutex_);
    if (client_ >= 0) close(client_);
    client_ = -1;
    subscribed_ = false;
    changed_.notify_all();
  }
}

void FakeBroker::talk(int socket) {
  for (;;) {
    char command = 0;
    if (!receive_exactly(socket, &command, 1)) return;
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      char byte = 0;
      if (!receive_exactly(socket, &byte, 1)) return;
      size |= static_cast<std::size_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    std::string body(size, '\0');
    if (!receive_exactly(socket, body.data(), size)) return;
    const auto kind = static_cast<std::uint8_t>(command & 0xF0);
    if (kind == kPuback && on_puback) {
      Cursor cursor(body);
      on_puback(static_cast<std::uint16_t>(cursor.number(2)));
    }
    const std::lock_guard lock(mutex_);
    const bool goes_on = client_ == socket && answer(socket, kind, body);
    changed_.notify_all();
    if (!goes_on) return;
  }
}

bool FakeBroker::answer(int socket, std::uint8_t command, const std::string& body) {
  switch (command) {
    case kConnect:
      return answer_connect(socket, body);
    case kSubscribe:
      answer_subscribe(socket, body);
      return true;
    case kPuback:
      pubacks_.push_back(static_cast<std::uint16_t>(Cursor(body).number(2)));
      return true;
    case kPing:
      ++pings_;
      if (script_.answers_pings) send(socket, "\xD0\x00", 2, MSG_NOSIGNAL);
      return true;
    case kDisconnect:
      ++disconnects_;
      return false;
    default:
      return true;
  }
}

bool FakeBroker::answer_connect(int socket, const std::string& body) {
  const SeenConnect seen = read_connect(body);
  connects_.push_back(seen);
  protocol_ = seen.protocol;
  if (script_.hangs_up || (seen.protocol == 5 && script_.hangs_up_on_5)) return false;
  if (seen.protocol == 5 && !script_.speaks_5) {
    const std::string refusal = packet(0x20, {'\0', '\1'});
    send(socket, refusal.data(), refusal.size(), MSG_NOSIGNAL);
    return false;
  }
  std::string connack{static_cast<char>(has_session_ && !seen.clean_start ? 1 : 0), '\0'};
  if (seen.protocol == 5 && script_.server_keepalive_s >= 0) {
    connack += std::string("\x03\x13", 2);
    connack += two_bytes(static_cast<std::size_t>(script_.server_keepalive_s));
  } else if (seen.protocol == 5) {
    connack += '\0';
  }
  has_session_ = !seen.clean_start;
  const std::string bytes = packet(0x20, connack);
  send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return true;
}

void FakeBroker::answer_subscribe(int socket, const std::string& body) {
  subscribe_options_.push_back(static_cast<std::uint8_t>(body.back()));
  std::string suback = body.substr(0, 2);
  if (protocol_ == 5) suback += '\0';
  const bool first = subscriptions_ == 0 || script_.granted_qos_of_others < 0;
  suback += static_cast<char>(first ? script_.granted_qos : script_.granted_qos_of_others);
  const std::string bytes = packet(0x90, suback);
  if (script_.answers_subscriptions) send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ++subscriptions_;
  subscribed_ = true;
}

void FakeBroker::publish(const std::string& topic, const std::string& payload,
                         std::uint16_t packet_id, bool dup, std::size_t connect) {
  std::string body = two_bytes(topic.size()) + topic;
  if (packet_id != 0) body += two_bytes(packet_id);
  {
    const std::lock_guard lock(mutex_);
    if (protocol_ == 5) body += '\0';
  }
  const unsigned flags = (packet_id != 0 ? 2U : 0U) | (dup ? 8U : 0U);
  send_raw(packet(static_cast<std::uint8_t>(0x30U | flags), body + payload), connect);
}

void FakeBroker::publish_filler(const std::string& topic, std::size_t payload_bytes,
                                std::uint16_t packet_id) {
  std::string head = two_bytes(topic.size()) + topic + two_bytes(packet_id);
  {
    const std::lock_guard lock(mutex_);
    if (protocol_ == 5) head += '\0';
  }
  send_raw(fixed_header(0x32, head.size() + payload_bytes) + head);
  const std::string piece(std::size_t{1} << 20U, 'x');
  for (std::size_t left = payload_bytes; left > 0;) {
    const std::size_t size = std::min(left, piece.size());
    send_raw(piece.substr(0, size));
    left -= size;
  }
}

void FakeBroker::send_raw(const std::string& bytes, std::size_t connect) {
  const std::lock_guard lock(mutex_);
  if (connect != kAnyConnect && connect != connects_.size()) return;
  std::string_view left = bytes;
  while (subscribed_ && !left.empty()) {
    const ssize_t sent = send(client_, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void FakeBroker::cut() {
  const std::lock_guard lock(mutex_);
  if (client_ < 0) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(client_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  shutdown(client_, SHUT_RDWR);
}

void FakeBroker::forget_session() {
  const std::lock_guard lock(mutex_);
  has_session_ = false;
}

void FakeBroker::set_script(FakeBrokerScript script) {
  const std::lock_guard lock(mutex_);
  script_ = script;
}

bool FakeBroker::wait(const std::function<bool()>& reached) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, reached);
}

bool FakeBroker::wait_for_subscriptions(unsigned count) {
  return wait([&] { return subscriptions_ >= count && subscribed_; });
}
bool FakeBroker::wait_for_pubacks(std::size_t count) {
  return wait([&] { return pubacks_.size() >= count; });
}
bool FakeBroker::wait_for_connects(std::size_t count) {
  return wait([&] { return connects_.size() >= count; });
}
bool FakeBroker::wait_for_disconnects(unsigned count) {
  return wait([&] { return disconnects_ >= count; });
}

std::vector<SeenConnect> FakeBroker::connects() const {
  const std::lock_guard lock(mutex_);
  return connects_;
}
std::vector<std::uint16_t> FakeBroker::pubacks() const {
  const std::lock_guard lock(mutex_);
  return pubacks_;
}
std::vector<std::uint8_t> FakeBroker::subscribe_options() const {
  const std::lock_guard lock(mutex_);
  return subscribe_options_;
}
unsigned FakeBroker::pings() const {
  const std::lock_guard lock(mutex_);
  return pings_;
}

}  // namespace sluice::test
