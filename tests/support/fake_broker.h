#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

/// What the fake broker has seen of one CONNECT.
struct SeenConnect {
  int protocol = 0;  ///< 4 or 5
  bool clean_start = true;
  std::string client_id;
  std::uint32_t session_expiry_s = 0;
  std::uint32_t receive_maximum = 0;
  std::uint32_t max_packet_bytes = 0;
};

/// How it answers.
struct FakeBrokerScript {
  bool speaks_5 = true;        ///< false: CONNACK 1 in the form of 3.1.1, and the connection ends
  bool hangs_up_on_5 = false;  ///< ends the connection instead, without a word
  bool hangs_up = false;       ///< … whatever the client speaks
  bool answers_pings = true;
  int granted_qos = 1;             ///< 0x80: it refuses the first topic …
  int granted_qos_of_others = -1;  ///< … and this is for the others; -1: the same
  bool answers_subscriptions = true;
  int server_keepalive_s = -1;  ///< in its CONNACK of version 5; -1: none
};

/// A scripted MQTT broker on a loopback port, for what a real one never does, or never when a test
/// wants it. It keeps one session, which lasts until forget_session(); it sends exactly what it is
/// told to, and sends again, with DUP, only when it is told to.
///
/// Thread: any; on_puback is called on a thread of its own.
class FakeBroker {
 public:
  static constexpr std::size_t kAnyConnect = 0;

  explicit FakeBroker(FakeBrokerScript script = {});
  ~FakeBroker();
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Called at each PUBACK, before it is counted. Set it before anybody connects.
  std::function<void(std::uint16_t packet_id)> on_puback;

  /// Waits until so many clients have subscribed, one after the other, and the last still is.
  [[nodiscard]] bool wait_for_subscriptions(unsigned count);
  [[nodiscard]] bool wait_for_pubacks(std::size_t count);
  [[nodiscard]] bool wait_for_connects(std::size_t count);
  [[nodiscard]] bool wait_for_disconnects(unsigned count);

  /// To the client that is connected and has subscribed, else to nobody, and with `connect` only if
  /// it is that of the so many-th CONNECT; packet id 0 publishes at QoS 0. Waits for the client to
  /// read, so keep it short.
  void publish(const std::string& topic, const std::string& payload, std::uint16_t packet_id,
               bool dup = false, std::size_t connect = kAnyConnect);
  /// A message of so many bytes, which are never in memory as a whole.
  void publish_filler(const std::string& topic, std::size_t payload_bytes, std::uint16_t packet_id);
  void send_raw(const std::string& bytes, std::size_t connect = kAnyConnect);
  /// Ends the connection, with a reset.
  void cut();
  void forget_session();
  void set_script(FakeBrokerScript script);

  [[nodiscard]] std::vector<SeenConnect> connects() const;
  [[nodiscard]] std::vector<std::uint16_t> pubacks() const;
  [[nodiscard]] std::vector<std::uint8_t> subscribe_options() const;
  [[nodiscard]] unsigned pings() const;

 private:
  void serve();
  void talk(int socket);
  /// False: the connection ends.
  bool answer(int socket, std::uint8_t command, const std::string& body);
  bool answer_connect(int socket, const std::string& body);
  void answer_subscribe(int socket, const std::string& body);
  bool wait(const std::function<bool()>& reached);

  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> ending_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  FakeBrokerScript script_;
  int client_ = -1;
  int protocol_ = 4;
  bool has_session_ = false;
  bool subscribed_ = false;  // the client that is connected
  unsigned subscriptions_ = 0;
  unsigned disconnects_ = 0;
  unsigned pings_ = 0;
  std::vector<SeenConnect> connects_;
  std::vector<std::uint16_t> pubacks_;
  std::vector<std::uint8_t> subscribe_options_;

  std::thread thread_;
};

}  // namespace sluice::test
