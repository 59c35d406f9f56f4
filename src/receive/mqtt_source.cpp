#include "receive/mqtt_source.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <system_error>

#include <mosquitto.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHousekeeping = 1s;     // pings and library time-outs
constexpr int kReadsPerWakeup = 4096;  // then the stop event and the pings get their turn
constexpr int kQos = 0;

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

}  // namespace

MqttSource::MqttSource(MqttOptions options, Intake intake, const Clock& clock, Wakeup& feed_wakeup)
    : options_(std::move(options)),
      intake_(intake),
      clock_(clock),
      feed_wakeup_(feed_wakeup),
      jitter_(std::random_device{}()) {
  init_library();
  stop_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  client_ =
      mosquitto_new(nullptr, true, this);  // no client id, clean session: the broker keeps nothing
  if (client_ == nullptr) {
    close(stop_event_);
    throw std::system_error(errno, std::generic_category(), "cannot create an MQTT client");
  }
  configure();
}

MqttSource::~MqttSource() {
  mosquitto_destroy(client_);
  close(stop_event_);
}

void MqttSource::configure() {
  // We are the loop: nothing may be written from inside a library call that reads.
  mosquitto_threaded_set(client_, true);
  mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
  if (!options_.username.empty()) {
    mosquitto_username_pw_set(client_, options_.username.c_str(),
                              options_.password.empty() ? nullptr : options_.password.c_str());
  }
  if (options_.tls) {
    mosquitto_int_option(client_, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    mosquitto_tls_opts_set(client_, options_.verify_tls ? 1 : 0, nullptr, nullptr);
    if (!options_.verify_tls) mosquitto_tls_insecure_set(client_, true);
  }
  mosquitto_connect_callback_set(client_, [](mosquitto*, void* self, int code) {
    static_cast<MqttSource*>(self)->on_connect(code);
  });
  mosquitto_disconnect_callback_set(client_, [](mosquitto*, void* self, int code) {
    static_cast<MqttSource*>(self)->on_disconnect(code);
  });
  mosquitto_subscribe_callback_set(
      client_, [](mosquitto*, void* self, int id, int count, const int* granted) {
        static_cast<MqttSource*>(self)->on_subscribe(id, count, granted);
      });
  mosquitto_message_callback_set(client_,
                                 [](mosquitto*, void* self, const mosquitto_message* message) {
                                   static_cast<MqttSource*>(self)->on_message(*message);
                                 });
}

void MqttSource::stop() noexcept {
  stop_requested_.store(true, std::memory_order_relaxed);  // the eventfd orders it
  const std::uint64_t one = 1;
  static_cast<void>(!write(stop_event_, &one, sizeof one));
}

void MqttSource::run() {
  while (!stopping()) {
    if (begin_connect()) serve();
    if (!stopping()) wait_backoff();
  }
  if (mosquitto_socket(client_) >= 0) {
    mosquitto_disconnect(client_);
    mosquitto_loop_write(client_, 1);
  }
  intake_.close();
  feed_wakeup_.notify();
}

bool MqttSource::begin_connect() {
  log_info("MQTT [{}] connection attempt #{} to {}", options_.tag, ++attempts_,
           options_.display_url);
  phase_ = Phase::kConnecting;
  pending_subscriptions_.clear();
  connect_deadline_ = clock_.mono() + options_.connect_timeout;
  next_housekeeping_ = clock_.mono();
  const int rc = mosquitto_connect_async(client_, options_.host.c_str(), options_.port,
                                         static_cast<int>(options_.keepalive.count()));
  if (rc == MOSQ_ERR_SUCCESS) return true;
  lose(rc);
  return false;
}

void MqttSource::serve() {
  while (!stopping() && phase_ != Phase::kLost) {
    const int socket = mosquitto_socket(client_);
    if (socket < 0) return lose(MOSQ_ERR_CONN_LOST);
    pollfd watched[2] = {{socket, POLLIN, 0}, {stop_event_, POLLIN, 0}};
    if (mosquitto_want_write(client_)) watched[0].events |= POLLOUT;
    const int ready = poll(watched, 2, poll_timeout_ms(clock_.mono()));
    if (ready < 0 && errno != EINTR) return lose(MOSQ_ERR_ERRNO);

    int rc = MOSQ_ERR_SUCCESS;
    if ((watched[0].revents & POLLOUT) != 0) rc = mosquitto_loop_write(client_, 1);
    if (rc == MOSQ_ERR_SUCCESS && ((watched[0].revents & ~POLLOUT) != 0 || socket_may_have_more_)) {
      if (!read_all()) return;
    }
    if (rc == MOSQ_ERR_SUCCESS && clock_.mono() >= next_housekeeping_) {
      next_housekeeping_ = clock_.mono() + kHousekeeping;
      rc = mosquitto_loop_misc(client_);
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
    const int rc = mosquitto_loop_read(client_, 1);
    if (rc != MOSQ_ERR_SUCCESS) {
      if (phase_ != Phase::kLost) lose(rc);
      if (any) feed_wakeup_.notify();
      return false;
    }
    any = any || delivered_;
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

void MqttSource::lose(int library_error) {
  const std::string reason = library_error == MOSQ_ERR_ERRNO ? std::system_category().message(errno)
                                                             : mosquitto_strerror(library_error);
  if (phase_ == Phase::kConnecting) {
    log_warn("MQTT [{}] cannot connect to {}: {}", options_.tag, options_.display_url, reason);
  } else if (status_.connected.load(std::memory_order_relaxed)) {
    log_warn("MQTT [{}] disconnected from {}: {}", options_.tag, options_.display_url, reason);
  }
  if (status_.connected.exchange(false, std::memory_order_relaxed)) {
    status_.disconnects.fetch_add(1, std::memory_order_relaxed);
  }
  phase_ = Phase::kLost;
  socket_may_have_more_ = false;
  ++failures_in_a_row_;
}

void MqttSource::wait_backoff() {
  const unsigned doublings = std::min(failures_in_a_row_ > 0 ? failures_in_a_row_ - 1 : 0U, 16U);
  const auto plain = std::min(options_.first_backoff * (1U << doublings), options_.last_backoff);
  const auto percent = std::uniform_int_distribution<int>(80, 120)(jitter_);
  const auto pause = plain * percent / 100;
  pollfd stop{stop_event_, POLLIN, 0};
  poll(&stop, 1, static_cast<int>(pause.count()));
  if (!stopping()) log_info("MQTT [{}] reconnecting to {}", options_.tag, options_.display_url);
}

void MqttSource::on_connect(int code) {
  if (code != 0) {
    log_warn("MQTT [{}] refused by {}: {}", options_.tag, options_.display_url,
             mosquitto_connack_string(code));
    phase_ = Phase::kLost;
    ++failures_in_a_row_;
    return;
  }
  phase_ = Phase::kConnected;
  failures_in_a_row_ = 0;
  status_.connected.store(true, std::memory_order_relaxed);
  status_.connects.fetch_add(1, std::memory_order_relaxed);
  log_info("MQTT [{}] connected to {}", options_.tag, options_.display_url);
  for (const std::string& topic : options_.topics) {
    int id = 0;
    const int rc = mosquitto_subscribe(client_, &id, topic.c_str(), kQos);
    if (rc == MOSQ_ERR_SUCCESS) {
      pending_subscriptions_.emplace_back(id, topic);
    } else {
      log_error("MQTT [{}] subscribe error for {}: {}", options_.tag, topic,
                mosquitto_strerror(rc));
    }
  }
}

void MqttSource::on_disconnect(int code) {
  if (phase_ != Phase::kLost && !stopping()) lose(code);
}

void MqttSource::on_subscribe(int message_id, int granted_count, const int* granted) {
  const auto found = std::find_if(pending_subscriptions_.begin(), pending_subscriptions_.end(),
                                  [&](const auto& pending) { return pending.first == message_id; });
  if (found == pending_subscriptions_.end()) return;
  constexpr int kRefused = 0x80;
  if (granted_count > 0 && granted[0] >= kRefused) {
    log_error("MQTT [{}] subscribe error for {}: the broker refuses it", options_.tag,
              found->second);
  } else {
    log_info("MQTT [{}] subscribed to {}", options_.tag, found->second);
  }
  pending_subscriptions_.erase(found);
}

void MqttSource::on_message(const mosquitto_message& message) noexcept {
  delivered_ = true;
  intake_.take({.received = clock_.wall(),
                .topic = message.topic,
                .payload = {static_cast<const char*>(message.payload),
                            static_cast<std::size_t>(message.payloadlen)},
                .message_id = static_cast<std::uint16_t>(message.mid),
                .qos = static_cast<std::uint8_t>(message.qos),
                .retained = message.retain,
                .duplicate = false});
}

}  // namespace sluice
