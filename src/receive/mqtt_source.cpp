#include "receive/mqtt_source.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <mosquitto.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHousekeeping = 1s;     // pings and library time-outs
constexpr int kReadsPerWakeup = 4096;  // then the stop event and the pings get their turn
constexpr auto kStableAfter = 30s;     // a connection that stood so long clears the backoff
constexpr int kQos = 0;

/// What became of a connect that did not wait.
std::string socket_error_text(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? std::system_category().message(error) : "the broker closed the connection";
}

}  // namespace

MqttSource::MqttSource(MqttOptions options, Intake intake, const Clock& clock, Wakeup& feed_wakeup)
    : options_(std::move(options)),
      intake_(intake),
      clock_(clock),
      feed_wakeup_(feed_wakeup),
      jitter_(std::random_device{}()) {
  static_cast<void>(make_mqtt_client(options_, this));  // refuses now what it would refuse later
  wake_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

MqttSource::~MqttSource() { close(wake_event_); }

void MqttSource::set_callbacks() {
  mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int code) {
    static_cast<MqttSource*>(self)->on_connect(code);
  });
  mosquitto_disconnect_callback_set(client_.get(), [](mosquitto*, void* self, int code) {
    static_cast<MqttSource*>(self)->on_disconnect(code);
  });
  mosquitto_subscribe_callback_set(
      client_.get(), [](mosquitto*, void* self, int id, int count, const int* granted) {
        static_cast<MqttSource*>(self)->on_subscribe(id, count, granted);
      });
  mosquitto_message_callback_set(client_.get(),
                                 [](mosquitto*, void* self, const mosquitto_message* message) {
                                   static_cast<MqttSource*>(self)->on_message(*message);
                                 });
}

void MqttSource::wake() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!write(wake_event_, &one, sizeof one));
}

void MqttSource::take_wakeup() noexcept {
  std::uint64_t count = 0;
  static_cast<void>(!read(wake_event_, &count, sizeof count));
}

// The flags are relaxed: the eventfd orders them.
void MqttSource::stop() noexcept {
  stop_requested_.store(true, std::memory_order_relaxed);
  wake();
}

void MqttSource::request_reconnect() noexcept {
  reconnect_requested_.store(true, std::memory_order_relaxed);
  wake();
}

void MqttSource::run() {
  while (!stopping()) {
    if (begin_connect()) serve();
    if (!stopping()) wait_backoff();
  }
  if (client_ && mosquitto_socket(client_.get()) >= 0) {
    mosquitto_disconnect(client_.get());
    mosquitto_loop_write(client_.get(), 1);
  }
  if (status_.connected()) status_.note_disconnected(clock_.wall(), "");
  client_.reset();
  link_.reset();
  intake_.close();
  feed_wakeup_.notify();
}

bool MqttSource::begin_connect() {
  log_info("MQTT [{}] connection attempt #{} to {}", options_.tag, ++attempts_,
           options_.display_url);
  phase_ = Phase::kConnecting;
  reconnect_requested_.store(false, std::memory_order_relaxed);
  pending_subscriptions_.clear();
  client_ = make_mqtt_client(options_, this);
  set_callbacks();
  connect_deadline_ = clock_.mono() + options_.connect_timeout;
  next_housekeeping_ = clock_.mono();
  const std::string problem = link_.begin(client_.get(), options_);
  if (problem.empty()) return true;
  lose(problem);
  return false;
}

void MqttSource::serve() {
  while (!stopping() && phase_ != Phase::kLost) {
    const int socket = mosquitto_socket(client_.get());
    if (socket < 0) return lose(MOSQ_ERR_CONN_LOST);
    pollfd watched[2] = {{socket, POLLIN, 0}, {wake_event_, POLLIN, 0}};
    if (mosquitto_want_write(client_.get())) watched[0].events |= POLLOUT;
    const int ready = poll(watched, 2, poll_timeout_ms(clock_.mono()));
    if (ready < 0 && errno != EINTR) return lose(MOSQ_ERR_ERRNO);
    if ((watched[1].revents & POLLIN) != 0) {
      take_wakeup();
      reconnect_if_asked();
      continue;
    }

    const bool last_words = link_.local() && (watched[0].revents & POLLIN) != 0;
    if (phase_ == Phase::kConnecting && (watched[0].revents & (POLLERR | POLLHUP)) != 0 &&
        !last_words) {
      return lose(link_.trouble_or(socket_error_text(socket)));
    }

    int rc = MOSQ_ERR_SUCCESS;
    if ((watched[0].revents & POLLOUT) != 0) rc = mosquitto_loop_write(client_.get(), 1);
    if (rc == MOSQ_ERR_SUCCESS && ((watched[0].revents & ~POLLOUT) != 0 || socket_may_have_more_)) {
      if (!read_all()) return;
    }
    if (rc == MOSQ_ERR_SUCCESS && clock_.mono() >= next_housekeeping_) {
      next_housekeeping_ = clock_.mono() + kHousekeeping;
      rc = mosquitto_loop_misc(client_.get());
    }
    if (rc != MOSQ_ERR_SUCCESS) return lose(rc);
    if (phase_ == Phase::kConnecting && clock_.mono() >= connect_deadline_) {
      log_warn("MQTT [{}] connect timeout: {}s", options_.tag, options_.connect_timeout.count());
      return lose(MOSQ_ERR_CONN_PENDING);
    }
  }
}

int MqttSource::poll_timeout_ms(MonoTime now) const noexcept {
  if (socket_may_have_more_) return 0;
  const auto until = std::chrono::ceil<std::chrono::milliseconds>(next_housekeeping_ - now);
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(until.count(), 0, 1000));
}

bool MqttSource::read_all() {
  bool any = false;
  socket_may_have_more_ = true;
  for (int i = 0; i < kReadsPerWakeup; ++i) {
    delivered_ = false;
    errno = 0;
    const int rc = mosquitto_loop_read(client_.get(), 1);
    if (rc != MOSQ_ERR_SUCCESS) {
      lose(rc);
      if (any) feed_wakeup_.notify();
      return false;
    }
    any = any || delivered_;
    // A TLS handshake that died says neither; the next poll tells.
    if (!delivered_ && phase_ == Phase::kConnecting) {
      socket_may_have_more_ = false;
      break;
    }
    // EAGAIN alone proves nothing: the library's internal socketpair sets it too, after a delivered
    // message.
    if (!delivered_ && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      socket_may_have_more_ = false;
      break;
    }
  }
  if (any) feed_wakeup_.notify();
  return true;
}

void MqttSource::lose(const std::string& reason) {
  if (phase_ == Phase::kLost) return;  // the library's own callback was first
  // A broker that takes us and drops us again is not a broker that is well.
  if (phase_ == Phase::kConnected && clock_.mono() - connected_at_ >= kStableAfter)
    failures_in_a_row_ = 0;
  if (phase_ == Phase::kConnecting) {
    log_warn("MQTT [{}] cannot connect to {}: {}", options_.tag, options_.display_url, reason);
  } else if (status_.connected()) {
    log_warn("MQTT [{}] disconnected from {}: {}", options_.tag, options_.display_url, reason);
  }
  status_.note_disconnected(clock_.wall(), reason);
  phase_ = Phase::kLost;
  socket_may_have_more_ = false;
  ++failures_in_a_row_;
}

void MqttSource::reconnect_if_asked() {
  if (!reconnect_requested_.exchange(false, std::memory_order_relaxed)) return;
  if (phase_ != Phase::kConnected) return;
  lose("a new connection was asked for");
  mosquitto_disconnect(client_.get());
  mosquitto_loop_write(client_.get(), 1);
}

void MqttSource::wait_backoff() {
  client_.reset();  // and with it the socket: the broker must not think that we are still there
  link_.reset();
  const unsigned doublings = std::min(failures_in_a_row_ > 0 ? failures_in_a_row_ - 1 : 0U, 16U);
  const auto plain = std::min(options_.first_backoff * (1U << doublings), options_.last_backoff);
  const auto percent = std::uniform_int_distribution<int>(80, 120)(jitter_);
  const auto pause = plain * percent / 100;
  pollfd wake{wake_event_, POLLIN, 0};
  if (poll(&wake, 1, static_cast<int>(pause.count())) > 0) take_wakeup();
  if (!stopping()) log_info("MQTT [{}] reconnecting to {}", options_.tag, options_.display_url);
}

void MqttSource::on_connect(int code) {
  if (code != 0) {
    return lose(std::string(mosquitto_connack_string(code)));
  }
  phase_ = Phase::kConnected;
  connected_at_ = clock_.mono();
  status_.note_connected(clock_.wall());
  log_info("MQTT [{}] connected to {}", options_.tag, options_.display_url);
  for (const std::string& topic : options_.topics) {
    int id = 0;
    const int rc = mosquitto_subscribe(client_.get(), &id, topic.c_str(), kQos);
    if (rc == MOSQ_ERR_SUCCESS) {
      pending_subscriptions_.emplace_back(id, topic);
    } else {
      log_error("MQTT [{}] subscribe error for {}: {}", options_.tag, topic,
                mosquitto_strerror(rc));
    }
  }
}

void MqttSource::on_disconnect(int code) {
  if (!stopping()) lose(code);
}

void MqttSource::on_subscribe(int message_id, int granted_count, const int* granted) {
  const auto found = std::find_if(pending_subscriptions_.begin(), pending_subscriptions_.end(),
                                  [&](const auto& pending) { return pending.first == message_id; });
  if (found == pending_subscriptions_.end()) return;
  if (granted_count > 0 && granted[0] >= kSubscriptionRefused) {
    log_error("MQTT [{}] subscribe error for {}: the broker refuses it", options_.tag,
              found->second);
  } else {
    log_info("MQTT [{}] subscribed to {}", options_.tag, found->second);
  }
  pending_subscriptions_.erase(found);
}

void MqttSource::on_message(const mosquitto_message& message) noexcept {
  delivered_ = true;
  const WallTime now = clock_.wall();
  status_.note_packet(now);
  intake_.take({.received = now,
                .topic = message.topic,
                .payload = {static_cast<const char*>(message.payload),
                            static_cast<std::size_t>(message.payloadlen)},
                .message_id = static_cast<std::uint16_t>(message.mid),
                .qos = static_cast<std::uint8_t>(message.qos),
                .retained = message.retain,
                .duplicate = false});
}

}  // namespace sluice
