#include "receive/broker_probe.h"

#include <algorithm>
#include <cerrno>
#include <future>
#include <memory>
#include <thread>

#include <mosquitto.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "receive/mqtt_link.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 100ms;
constexpr auto kGrace = 500ms;
// More than this version asks for, so that the answer tells what the broker would give.
constexpr int kHighestQos = 2;

/// The conversation with one broker.
///
/// Thread: bound to the one that probes.
class Conversation {
 public:
  explicit Conversation(const MqttOptions& options)
      : options_(options), client_(make_mqtt_client(options, this)) {
    for (const std::string& filter : options.topics) probe_.topics.push_back({filter});
    mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int code) {
      static_cast<Conversation*>(self)->on_connect(code);
    });
    mosquitto_subscribe_callback_set(
        client_.get(), [](mosquitto*, void* self, int id, int count, const int* granted) {
          static_cast<Conversation*>(self)->on_subscribe(id, count, granted);
        });
    mosquitto_log_callback_set(client_.get(), [](mosquitto*, void* self, int, const char* text) {
      static_cast<Conversation*>(self)->on_log(text);
    });
  }

  BrokerProbe run() {
    const MonoTime began = clock_.mono();
    const MonoTime deadline = began + options_.connect_timeout;
    probe_.problem = link_.begin(client_.get(), options_);
    while (!finished() && probe_.problem.empty()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.mono());
      if (left <= 0ms) {
        probe_.problem = link_.trouble_or(silence());
        break;
      }
      step(std::min<std::chrono::milliseconds>(left, kLook));
    }
    if (probe_.logged_in) {
      mosquitto_disconnect(client_.get());
      mosquitto_loop_write(client_.get(), 1);
    }
    probe_.reached = probe_.reached && link_.reached();
    probe_.took = std::chrono::floor<std::chrono::milliseconds>(clock_.mono() - began);
    return std::move(probe_);
  }

 private:
  [[nodiscard]] bool finished() const {
    return probe_.logged_in &&
           std::none_of(probe_.topics.begin(), probe_.topics.end(),
                        [](const ProbedTopic& topic) { return topic.granted_qos == -2; });
  }

  [[nodiscard]] std::string silence() const {
    if (!probe_.reached) return "no answer from this address";
    if (!probe_.logged_in) return "the port is open, but nobody answers in MQTT";
    return "no answer to a subscription";
  }

  void step(std::chrono::milliseconds wait) {
    pollfd socket{mosquitto_socket(client_.get()), POLLIN, 0};
    if (socket.fd < 0) return fail(MOSQ_ERR_CONN_LOST);
    if (!probe_.reached || mosquitto_want_write(client_.get())) socket.events |= POLLOUT;
    poll(&socket, 1, static_cast<int>(wait.count()));
    if (!probe_.reached && socket.revents != 0 && !look_at_connect(socket.fd)) return;
    int rc = MOSQ_ERR_SUCCESS;
    if ((socket.revents & POLLOUT) != 0) rc = mosquitto_loop_write(client_.get(), 1);
    // A TLS handshake goes on in a read, also when it was waiting to write.
    const bool handshake = options_.tls && !probe_.logged_in && socket.revents != 0;
    if (rc == MOSQ_ERR_SUCCESS && ((socket.revents & ~POLLOUT) != 0 || handshake))
      rc = mosquitto_loop_read(client_.get(), 1);
    if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_loop_misc(client_.get());
    if (rc != MOSQ_ERR_SUCCESS) fail(rc);
  }

  /// The socket has come to a decision: false if it was a refusal.
  bool look_at_connect(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    if (error != 0) fail(MOSQ_ERR_ERRNO);
    probe_.reached = error == 0;
    return probe_.reached;
  }

  void fail(int library_error) {
    if (!probe_.problem.empty()) return;
    if (options_.tls && !tls_error_.empty())
      probe_.problem = tls_error_;
    else
      probe_.problem = link_.trouble_or(mqtt_error_text(library_error));
  }

  void on_connect(int code) {
    if (code != 0) {
      probe_.problem = mosquitto_connack_string(code);
      return;
    }
    probe_.logged_in = true;
    for (const ProbedTopic& topic : probe_.topics) {
      int id = 0;
      mosquitto_subscribe(client_.get(), &id, topic.filter.c_str(), kHighestQos);
      ids_.push_back(id);
    }
  }

  void on_subscribe(int id, int count, const int* granted) {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    if (found == ids_.end() || count < 1) return;
    const auto place = static_cast<std::size_t>(found - ids_.begin());
    probe_.topics[place].granted_qos = granted[0] >= kSubscriptionRefused ? -1 : granted[0];
  }

  /// The library tells the reason of a failed handshake only here.
  void on_log(std::string_view text) {
    constexpr std::string_view kMark = "OpenSSL Error";
    if (!text.starts_with(kMark)) return;
    const std::size_t last = text.rfind(':');
    tls_error_ = "TLS: ";
    tls_error_ += text.substr(last + 1);
  }

  const SystemClock clock_;
  const MqttOptions& options_;
  BrokerProbe probe_;
  std::vector<int> ids_;
  std::string tls_error_;
  MqttLink link_;  // outlives client_
  MqttClient client_;
};

}  // namespace

BrokerProbe probe_broker(const MqttOptions& options) {
  try {
    return Conversation(options).run();
  } catch (const std::exception& error) {
    BrokerProbe probe;
    probe.problem = error.what();
    return probe;
  }
}

std::vector<BrokerProbe> probe_brokers(const std::vector<MqttOptions>& brokers) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::future<BrokerProbe>> answers;
  for (const MqttOptions& broker : brokers) {
    std::packaged_task<BrokerProbe()> task([broker] { return probe_broker(broker); });
    answers.push_back(task.get_future());
    // Detached, since nothing ends a name resolution that hangs. Such a thread owns all it uses.
    std::thread(std::move(task)).detach();
  }
  std::vector<BrokerProbe> probes;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::chrono::milliseconds limit = brokers[i].connect_timeout;
    if (answers[i].wait_until(began + limit + kGrace) == std::future_status::ready) {
      probes.push_back(answers[i].get());
      continue;
    }
    BrokerProbe& given_up = probes.emplace_back();
    given_up.problem = "its name could not be resolved in time";
    given_up.took = limit;
  }
  return probes;
}

}  // namespace sluice
