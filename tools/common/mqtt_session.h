#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "broker_url.h"

struct mosquitto;
struct mosquitto_message;

namespace sluice {

/// How to log in, beyond what the URL says.
struct MqttLogin {
  BrokerUrl url;
  std::string ca_file;  ///< empty = the system's
  bool insecure = false;
};

/// What a session tells its user, from within read_ready() and write_ready().
class MqttListener {
 public:
  virtual ~MqttListener() = default;
  /// QoS 0: the message has been written to the socket; else: the broker has acknowledged it.
  virtual void on_published(int) {}
  virtual void on_subscribed() {}
  virtual void on_unsubscribed(int) {}
  virtual void on_message(const mosquitto_message&) {}
};

/// One MQTT 3.1.1 connection that its user drives with poll(). Nothing is written before
/// write_ready() is called, which makes batches cheap.
///
/// Thread: bound(its user).
class MqttSession {
 public:
  MqttSession(const MqttLogin& login, MqttListener& listener);
  ~MqttSession();
  MqttSession(const MqttSession&) = delete;
  MqttSession& operator=(const MqttSession&) = delete;

  /// Connects and waits for the broker's welcome. Throws std::runtime_error, with the reason in
  /// words, when there is none in time. What QoS 1 and 2 still owe from before is sent again.
  void connect();
  [[nodiscard]] bool connected() const noexcept { return connected_; }

  /// Queues a message; its id, or 0 when the library refuses it (`error` says why).
  int publish(const char* topic, std::string_view payload, int qos, bool retain,
              std::string& error);
  void subscribe(const std::string& filter, int qos);
  /// Its id. The answer comes behind all that was published before, so it proves that the broker
  /// has read that.
  [[nodiscard]] int unsubscribe(const std::string& filter);

  [[nodiscard]] int socket() const noexcept;
  [[nodiscard]] bool wants_write() const noexcept;
  /// These return false when the connection is gone; connect() brings it back.
  bool read_ready();
  bool write_ready();
  /// Keepalive; call about once a second.
  bool tick();
  /// Sends DISCONNECT and closes.
  void disconnect();

  [[nodiscard]] const std::string& lost_because() const noexcept { return lost_because_; }

 private:
  struct FreeSession {
    void operator()(mosquitto* session) const noexcept;
  };
  struct Callbacks;

  bool check(int result);
  void wait_for_welcome();

  MqttListener& listener_;
  MqttLogin login_;
  std::unique_ptr<mosquitto, FreeSession> session_;
  bool connected_ = false;
  bool ever_connected_ = false;
  bool welcomed_ = false;
  int refusal_ = 0;
  std::uint64_t events_ = 0;  ///< tells read_ready() whether a packet brought anything
  std::string lost_because_;
};

}  // namespace sluice
