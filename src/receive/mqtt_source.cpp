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
#include "receive/broker_socket.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHousekeeping = 1s;          // pings and library time-outs
constexpr int kReadsPerWakeup = 4096;       // then the stop event and the pings get their turn
constexpr auto kStableAfter = 30s;          // a connection that stood so long clears the backoff
constexpr auto kLastWords = 1s;             // for the broker to read what we wrote
constexpr std::size_t kAheadWithout5 = 20;  // what brokers of 3.1.1 send before an acknowledgement
constexpr int kSessionPresent = 1;          // flag in the CONNACK

/// What became of a connect that did not wait.
std::string socket_error_text(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? std::system_category().message(error) : "the broker closed the connection";
}

MqttAcknowledger::Limits limits_for(const MqttOptions& options, MqttProtocol protocol,
                                    std::chrono::seconds keepalive) {
  const std::size_t ahead =
      protocol == MqttProtocol::k5 ? std::size_t{options.receive_maximum} : kAheadWithout5;
  return {.owed = std::max<std::size_t>(1, ahead - ahead / 4),
          .age = std::chrono::milliseconds(keepalive.count() > 0
                                               ? std::min(keepalive, options.keepalive)
                                               : options.keepalive) /
                 4};
}

}  // namespace

MqttSource::MqttSource(MqttOptions options, Intake intake, const Clock& clock, Wakeup& feed_wakeup,
                       std::span<const UnacknowledgedMessage> earlier)
    : options_(std::move(options)),
      clock_(clock),
      feed_wakeup_(feed_wakeup),
      inbox_(intake, earlier),
      jitter_(std::random_device{}()) {
  // Refuses now what it would refuse later.
  static_cast<void>(make_mqtt_client(options_, this, MqttProtocol::k5, options_.wants_session()));
  wake_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

MqttSource::~MqttSource() { close(wake_event_); }

void MqttSource::set_callbacks() {
  mosquitto_connect_v5_callback_set(client_.get(), [](mosquitto*, void* self, int code, int flags,
                                                      const mosquitto_property* properties) {
    static_cast<MqttSource*>(self)->on_connect(code, (flags & kSessionPresent) != 0, properties);
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
  now_ = clock_.mono();
  inbox_.open(options_.qos > 0);
  while (!stopping()) {
    if (begin_connect()) serve();
    if (!stopping()) wait_backoff();
  }
  leave();
}

bool MqttSource::begin_connect() {
  log_info("MQTT [{}] connection attempt #{} to {}", options_.tag, ++attempts_,
           options_.display_url);
  phase_ = Phase::kConnecting;
  reconnect_requested_.store(false, std::memory_order_relaxed);
  pending_subscriptions_.clear();
  connect_sent_ = false;
  protocol_ = protocol_choice_.next();
  keepalive_ = options_.keepalive;
  inbox_.begin_attempt(limits_for(options_, protocol_, keepalive_));
  now_ = clock_.mono();
  connect_deadline_ = now_ + options_.connect_timeout;
  next_housekeeping_ = now_;
  try {
    client_ = make_mqtt_client(options_, this, protocol_, options_.wants_session());
  } catch (const std::runtime_error& error) {  // a certificate that is just being replaced
    lose(error.what());
    return false;
  }
  set_callbacks();
  if (protocol_ == MqttProtocol::k5) set_connect_properties(client_.get(), options_);
  const std::string problem = link_.begin(client_.get(), options_, address_turn_);
  if (!problem.empty()) return lose(problem), false;
  const int socket = mosquitto_socket(client_.get());
  const bool tls_in_library = options_.tls && !link_.local();
  if (!tls_in_library) read_ahead_.attach(socket);
  pace_.begin(link_.local() ? WakePace::kNoSocket : socket);
  return true;
}

void MqttSource::serve() {
  while (!stopping() && phase_ != Phase::kLost) {
    now_ = clock_.mono();
    status_.note_turn();
    if (!serve_once()) return;
  }
}

/// One turn of the loop; false: the connection is lost.
bool MqttSource::serve_once() {
  const int socket = mosquitto_socket(client_.get());
  if (socket < 0) return lose(MOSQ_ERR_CONN_LOST), false;
  const MqttInbox::Step step = inbox_.step(now_);
  if (step == MqttInbox::Step::kFlush && !flush()) return false;
  const bool reading = step == MqttInbox::Step::kRead || !inbox_.owes();

  pollfd watched[2] = {{socket, 0, 0}, {wake_event_, POLLIN, 0}};
  if (reading) watched[0].events |= POLLIN;
  if (inbox_.flushable() && mosquitto_want_write(client_.get())) watched[0].events |= POLLOUT;
  const int ready = poll(watched, 2, poll_timeout_ms(reading));
  now_ = clock_.mono();
  if (ready < 0 && errno != EINTR) return lose(MOSQ_ERR_ERRNO), false;
  if ((watched[1].revents & POLLIN) != 0) {
    take_wakeup();
    reconnect_if_asked();
    return true;
  }
  const auto events = static_cast<unsigned>(watched[0].revents);
  const bool broken = (events & (POLLERR | POLLHUP)) != 0;
  const bool last_words = link_.local() && (events & POLLIN) != 0;
  if (phase_ == Phase::kConnecting && broken && !last_words)
    return lose(link_.trouble_or(socket_error_text(socket))), false;
  if ((events & POLLIN) != 0 || !reading) heard_at_ = now_;
  if (!reading) subscribe_deadline_ = now_ + options_.connect_timeout;

  if ((events & POLLOUT) != 0 && !write_queued()) return false;
  // A broken connection takes no acknowledgements any more, so there is nothing to wait for. And a
  // TLS handshake goes on in a read, also when it was waiting to write.
  const bool handshake =
      options_.tls && !link_.local() && phase_ == Phase::kConnecting && (events & POLLOUT) != 0;
  const bool arrived =
      (events & ~static_cast<unsigned>(POLLOUT)) != 0 || socket_may_have_more_ || pace_.gathers();
  if ((reading && (arrived || handshake)) || broken) {
    if (!read_all()) return false;
  }
  return keep_house();
}

bool MqttSource::flush() {
  if (!write_queued()) return false;
  // What the socket did not take stays owed; POLLOUT tells when it takes more.
  if (!mosquitto_want_write(client_.get())) inbox_.flushed(now_);
  return true;
}

bool MqttSource::write_queued() {
  const bool anything = mosquitto_want_write(client_.get());
  const int rc = mosquitto_loop_write(client_.get(), 1);
  if (rc != MOSQ_ERR_SUCCESS) return lose(rc), false;
  if (phase_ == Phase::kConnecting && anything && !mosquitto_want_write(client_.get()))
    connect_sent_ = true;
  return true;
}

bool MqttSource::keep_house() {
  if (now_ < next_housekeeping_) return true;
  next_housekeeping_ = now_ + kHousekeeping;
  const int rc = mosquitto_loop_misc(client_.get());
  if (rc != MOSQ_ERR_SUCCESS) return lose(rc), false;
  if (phase_ == Phase::kConnected) {
    inbox_.keep_house(now_);
    if (keepalive_.count() > 0 && now_ - heard_at_ >= keepalive_ + kPingAnswer)
      return lose("no answer to a ping"), false;
    if (!pending_subscriptions_.empty() && now_ >= subscribe_deadline_)
      return lose("no answer to a subscription"), false;
  } else if (now_ >= connect_deadline_) {
    const auto waited = options_.connect_timeout.count();
    return lose(link_.trouble_or(fmt::format("no answer within {} s", waited))), false;
  }
  return true;
}

int MqttSource::poll_timeout_ms(bool reading) const noexcept {
  if (reading && socket_may_have_more_) return 0;
  if (reading && pace_.gathers()) return WakePace::kLongest.count();
  const auto until = std::chrono::ceil<std::chrono::milliseconds>(next_housekeeping_ - now_);
  const auto longest = std::min(inbox_.patience(now_), until);
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(longest.count(), 0, 1000));
}

bool MqttSource::read_all() {
  delivered_ = 0;
  bool alive = true;
  socket_may_have_more_ = true;
  const Phase before = phase_;
  for (int i = 0; i < kReadsPerWakeup; ++i) {
    const std::size_t delivered_before = delivered_;
    errno = 0;
    const int rc = mosquitto_loop_read(client_.get(), 1);
    if (inbox_.overflowed()) lose("the journal is full, so the broker has to keep what it has");
    if (rc != MOSQ_ERR_SUCCESS) lose(rc);
    alive = phase_ != Phase::kLost;
    // SUBSCRIBE goes out before anything is owed.
    if (!alive || phase_ != before || inbox_.wants_attention()) break;
    // EAGAIN alone proves nothing: the library's internal socketpair sets it too, after a delivered
    // message. And a TLS handshake that died says neither; the next poll tells.
    const bool dry = errno == EAGAIN || errno == EWOULDBLOCK || phase_ == Phase::kConnecting;
    // What was read ahead no poll tells of.
    if (delivered_ == delivered_before && dry && read_ahead_.waiting() == 0) {
      socket_may_have_more_ = false;
      break;
    }
  }
  // A broker that waits for our acknowledgement sends nothing more to be gathered.
  if (alive) pace_.note_wake(inbox_.knows_brokers_limit() ? 0 : delivered_, now_);
  if (delivered_ > 0) {
    heard_at_ = now_;  // poll() does not tell of what is being gathered
    subscribe_deadline_ = now_ + options_.connect_timeout;  // a backlog may come before the SUBACK
    if (inbox_.reader_waits()) feed_wakeup_.notify();
  }
  return alive;
}

void MqttSource::lose(const std::string& reason) {
  if (phase_ == Phase::kLost) return;  // the library's own callback was first
  // A broker that takes us and drops us again is not a broker that is well.
  if (phase_ == Phase::kConnected && clock_.mono() - connected_at_ >= kStableAfter)
    failures_in_a_row_ = 0;
  if (phase_ == Phase::kConnecting) {
    tell_troubles(troubles_.note(fmt::format("MQTT [{}] cannot connect to {}: {}", options_.tag,
                                             options_.display_url, reason),
                                 clock_.mono()));
    if (connect_sent_ && link_.opened()) protocol_choice_.hung_up();
    ++address_turn_;  // one that works stays: the session may be there only
  } else if (status_.connected()) {
    log_warn("MQTT [{}] disconnected from {}: {}", options_.tag, options_.display_url, reason);
  }
  status_.note_disconnected(clock_.wall(), reason);
  phase_ = Phase::kLost;
  socket_may_have_more_ = false;
  ++failures_in_a_row_;
}

void MqttSource::tell_troubles(const std::vector<std::string>& lines) const {
  for (const std::string& line : lines) log_warn("{}", line);
}

void MqttSource::reconnect_if_asked() {
  if (!reconnect_requested_.exchange(false, std::memory_order_relaxed)) return;
  if (phase_ != Phase::kConnected) return;
  lose("a new connection was asked for");
  say_goodbye();
}

/// Unless that would acknowledge what is not durable: then the broker finds a closed connection.
void MqttSource::say_goodbye() {
  if (!inbox_.flushable()) return;
  GentleClose connection(mosquitto_socket(client_.get()));
  mosquitto_disconnect(client_.get());
  if (mosquitto_loop_write(client_.get(), 1) == MOSQ_ERR_SUCCESS &&
      !mosquitto_want_write(client_.get()))
    inbox_.flushed(now_);
  connection.wait(kLastWords);
}

void MqttSource::leave() {
  inbox_.close();  // the pipeline may now write what it has, without waiting for the window
  feed_wakeup_.notify();
  if (client_ && phase_ == Phase::kConnected && mosquitto_socket(client_.get()) >= 0) {
    const MonoTime deadline = clock_.mono() + options_.goodbye;
    if (!inbox_.flushable()) inbox_.ask_sync();
    while (!inbox_.flushable() && clock_.mono() < deadline) {
      pollfd wake{wake_event_, POLLIN, 0};
      if (poll(&wake, 1, 5) > 0) take_wakeup();
    }
    if (!inbox_.flushable()) {
      log_warn("MQTT [{}] {} messages stay unacknowledged: the broker will send them again",
               options_.tag, inbox_.unacknowledged());
    }
    say_goodbye();
  }
  if (status_.connected()) status_.note_disconnected(clock_.wall(), "");
  tell_troubles(troubles_.end(clock_.mono()));
  hang_up();
}

void MqttSource::hang_up() noexcept {
  read_ahead_.detach();
  client_.reset();
  link_.reset();
}

void MqttSource::wait_backoff() {
  hang_up();  // the broker must not think that we are still there
  const unsigned doublings = std::min(failures_in_a_row_ > 0 ? failures_in_a_row_ - 1 : 0U, 16U);
  const auto plain = std::min(options_.first_backoff * (1U << doublings), options_.last_backoff);
  const auto percent = std::uniform_int_distribution<int>(80, 120)(jitter_);
  const auto pause = plain * percent / 100;
  pollfd wake{wake_event_, POLLIN, 0};
  if (poll(&wake, 1, static_cast<int>(pause.count())) > 0) take_wakeup();
  if (!stopping()) log_info("MQTT [{}] reconnecting to {}", options_.tag, options_.display_url);
}

void MqttSource::on_connect(int code, bool session_present, const mosquitto_property* properties) {
  if (phase_ != Phase::kConnecting) return lose("a second CONNACK");
  if (code != 0) {
    connect_sent_ = false;  // it did answer
    if (is_version_refusal(code)) protocol_choice_.version_refused();
    return lose(connack_text(protocol_, code));
  }
  keepalive_ = server_keepalive(properties).value_or(options_.keepalive);
  inbox_.set_limits(limits_for(options_, protocol_, keepalive_));
  accept(session_present);
  subscribe();
}

void MqttSource::accept(bool session_present) {
  protocol_choice_.connected();
  phase_ = Phase::kConnected;
  connected_at_ = heard_at_ = now_;
  const bool session = options_.wants_session();
  tell_troubles(troubles_.end(clock_.mono()));
  status_.note_connected(clock_.wall());
  status_.note_session(protocol_, session_present && session);
  log_info("MQTT [{}] connected to {}", options_.tag, options_.display_url);
  log_info("MQTT [{}] speaking MQTT {}, {}", options_.tag,
           protocol_ == MqttProtocol::k5 ? "5" : "3.1.1",
           !session          ? "no session"
           : session_present ? "the broker has kept our session"
                             : "a new session");
  inbox_.begin_session(session_present && session, now_);
}

void MqttSource::subscribe() {
  granted_topics_ = 0;
  subscribe_deadline_ = now_ + options_.connect_timeout;
  for (const std::string& topic : options_.topics) {
    int id = 0;
    const int rc = subscribe_mqtt(client_.get(), options_, topic, id);
    if (rc == MOSQ_ERR_SUCCESS) {
      pending_subscriptions_.emplace_back(id, topic);
    } else {
      log_error("MQTT [{}] subscribe error for {}: {}", options_.tag, topic,
                mosquitto_strerror(rc));
    }
  }
  if (pending_subscriptions_.empty()) lose("no topic can be subscribed to");
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
    ++granted_topics_;
    log_info("MQTT [{}] subscribed to {}", options_.tag, found->second);
    if (granted_count > 0) status_.note_granted_qos(granted[0]);
    if (granted_count > 0 && granted[0] < options_.qos) {
      log_warn(
          "MQTT [{}] the broker grants QoS {} for {}: what it sends while we are away or slow "
          "is lost",
          options_.tag, granted[0], found->second);
    }
  }
  pending_subscriptions_.erase(found);
  if (pending_subscriptions_.empty() && granted_topics_ == 0)
    lose("the broker refuses every subscription");
}

void MqttSource::on_message(const mosquitto_message& message) noexcept {
  ++delivered_;
  if (message.qos > 1) return lose("QoS 2 was not asked for");
  const WallTime now = clock_.wall();
  const bool taken = inbox_.take({.received = now,
                                  .topic = message.topic,
                                  .payload = {static_cast<const char*>(message.payload),
                                              static_cast<std::size_t>(message.payloadlen)},
                                  .message_id = static_cast<std::uint16_t>(message.mid),
                                  .qos = static_cast<std::uint8_t>(message.qos),
                                  .retained = message.retain,
                                  .duplicate = false},
                                 now_);
  if (taken) status_.note_packet(now);
}

}  // namespace sluice
