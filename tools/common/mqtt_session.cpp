#include "mqtt_session.h"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>

#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace sluice {
namespace {

constexpr int kKeepaliveSeconds = 60;
/// For the broker's CONNACK.
constexpr std::chrono::milliseconds kWelcome{30'000};
constexpr int kMaxInflight = 2000;
constexpr int kMaxReadsPerCall = 2000;

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

/// Holds back partial segments while it lives: a batch of small packets leaves as few large ones.
class Cork {
 public:
  explicit Cork(int socket) noexcept : socket_(socket) { set(1); }
  ~Cork() { set(0); }
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

 private:
  void set(int on) const noexcept { ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)); }
  int socket_;
};

std::string words(int result) {
  return result == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(result);
}

void must(int result, const char* what) {
  if (result != MOSQ_ERR_SUCCESS) throw std::runtime_error(what + (": " + words(result)));
}

}  // namespace

struct MqttSession::Callbacks {
  static MqttSession& self(void* user) { return *static_cast<MqttSession*>(user); }

  static void connected(mosquitto*, void* user, int refusal) {
    ++self(user).events_;
    self(user).welcomed_ = refusal == 0;
    self(user).refusal_ = refusal;
  }
  static void published(mosquitto*, void* user, int mid) {
    ++self(user).events_;
    self(user).listener_.on_published(mid);
  }
  static void subscribed(mosquitto*, void* user, int, int, const int*) {
    ++self(user).events_;
    self(user).listener_.on_subscribed();
  }
  static void unsubscribed(mosquitto*, void* user, int mid) {
    ++self(user).events_;
    self(user).listener_.on_unsubscribed(mid);
  }
  static void message(mosquitto*, void* user, const mosquitto_message* message) {
    ++self(user).events_;
    self(user).listener_.on_message(*message);
  }
};

void MqttSession::FreeSession::operator()(mosquitto* session) const noexcept {
  mosquitto_destroy(session);
}

MqttSession::MqttSession(const MqttLogin& login, MqttListener& listener)
    : listener_(listener), login_(login) {
  init_library();
  session_.reset(mosquitto_new(nullptr, true, this));
  if (!session_) throw std::bad_alloc();
  mosquitto* session = session_.get();
  // Declared as driven by threads, the library queues and leaves the writing to write_ready().
  mosquitto_threaded_set(session, true);
  mosquitto_int_option(session, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(session, MOSQ_OPT_SEND_MAXIMUM, kMaxInflight);
  mosquitto_connect_callback_set(session, &Callbacks::connected);
  mosquitto_publish_callback_set(session, &Callbacks::published);
  mosquitto_subscribe_callback_set(session, &Callbacks::subscribed);
  mosquitto_unsubscribe_callback_set(session, &Callbacks::unsubscribed);
  mosquitto_message_callback_set(session, &Callbacks::message);
  const BrokerUrl& url = login_.url;
  if (!url.username.empty()) {
    const char* password = url.password.empty() ? nullptr : url.password.c_str();
    must(mosquitto_username_pw_set(session, url.username.c_str(), password), "login");
  }
  if (!url.tls) return;
  const char* ca_file = login_.ca_file.empty() ? nullptr : login_.ca_file.c_str();
  const char* ca_path = ca_file == nullptr ? "/etc/ssl/certs" : nullptr;
  must(mosquitto_tls_set(session, ca_file, ca_path, nullptr, nullptr, nullptr), "TLS");
  must(mosquitto_tls_insecure_set(session, login_.insecure), "TLS");
}

MqttSession::~MqttSession() = default;

void MqttSession::connect() {
  welcomed_ = false;
  refusal_ = 0;
  connected_ = false;
  const BrokerUrl& url = login_.url;
  const int result = ever_connected_ ? mosquitto_reconnect(session_.get())
                                     : mosquitto_connect(session_.get(), url.host.c_str(), url.port,
                                                         kKeepaliveSeconds);
  const std::string where = url.host + ":" + std::to_string(url.port);
  must(result, ("cannot connect to " + where).c_str());
  connected_ = true;
  wait_for_welcome();
  if (!welcomed_) {
    connected_ = false;
    throw std::runtime_error("the broker at " + where + " refuses: " +
                             (refusal_ != 0           ? mosquitto_connack_string(refusal_)
                              : lost_because_.empty() ? "no answer"
                                                      : lost_because_));
  }
  ever_connected_ = true;
}

void MqttSession::wait_for_welcome() {
  const auto deadline = std::chrono::steady_clock::now() + kWelcome;
  while (!welcomed_ && refusal_ == 0 && connected_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd poll_fd{socket(), static_cast<short>(wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&poll_fd, 1, static_cast<int>(left.count())) < 0 && errno == EINTR) return;
    if ((poll_fd.revents & POLLOUT) != 0 && !write_ready()) return;
    if ((poll_fd.revents & ~POLLOUT) != 0 && !read_ready()) return;
  }
}

int MqttSession::publish(const char* topic, std::string_view payload, int qos, bool retain,
                         std::string& error) {
  int mid = 0;
  const int result = mosquitto_publish(
      session_.get(), &mid, topic, static_cast<int>(payload.size()), payload.data(), qos, retain);
  if (result == MOSQ_ERR_SUCCESS) return mid;
  error = words(result);
  return 0;
}

void MqttSession::subscribe(const std::string& filter, int qos) {
  must(mosquitto_subscribe(session_.get(), nullptr, filter.c_str(), qos),
       ("cannot subscribe to " + filter).c_str());
}

int MqttSession::unsubscribe(const std::string& filter) {
  int mid = 0;
  must(mosquitto_unsubscribe(session_.get(), &mid, filter.c_str()), "cannot unsubscribe");
  return mid;
}

int MqttSession::socket() const noexcept { return mosquitto_socket(session_.get()); }

bool MqttSession::wants_write() const noexcept { return mosquitto_want_write(session_.get()); }

/// The library reads one packet per call. Its errno is no sign that the socket is empty: packets it
/// answers also write to a socket pair of its own, and that one may be full.
bool MqttSession::read_ready() {
  for (int i = 0; i < kMaxReadsPerCall; ++i) {
    const std::uint64_t before = events_;
    errno = 0;
    const int result = mosquitto_loop_read(session_.get(), 1);
    const bool empty = errno == EAGAIN || errno == EWOULDBLOCK;
    if (!check(result)) return false;
    if (empty && events_ == before) return true;
  }
  return true;
}

bool MqttSession::write_ready() {
  const Cork cork(socket());
  return check(mosquitto_loop_write(session_.get(), 1));
}

bool MqttSession::tick() { return check(mosquitto_loop_misc(session_.get())); }

bool MqttSession::check(int result) {
  if (result == MOSQ_ERR_SUCCESS) return true;
  lost_because_ = words(result);
  connected_ = false;
  return false;
}

void MqttSession::disconnect() {
  if (!connected_) return;
  connected_ = false;
  if (mosquitto_disconnect(session_.get()) != MOSQ_ERR_SUCCESS) return;
  while (socket() >= 0 && wants_write()) {
    pollfd poll_fd{socket(), POLLOUT, 0};
    if (::poll(&poll_fd, 1, 1000) <= 0) return;
    if (mosquitto_loop_write(session_.get(), 1) != MOSQ_ERR_SUCCESS) return;
  }
}

}  // namespace sluice
