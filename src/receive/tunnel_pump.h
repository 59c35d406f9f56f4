#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "receive/byte_ring.h"
#include "receive/websocket_stream.h"
#include "receive/websocket_tunnel.h"

namespace sluice {

/// What runs on a tunnel's thread: name, address, handshakes, then both directions until one of
/// them ends.
///
/// Thread: run() and everything it calls bound to the tunnel's; leave() any.
class TunnelPump {
 public:
  /// Takes over `local`. Throws boost::system::system_error.
  TunnelPump(const TunnelOptions& options, int local, TunnelState& state);
  ~TunnelPump();
  TunnelPump(const TunnelPump&) = delete;
  TunnelPump& operator=(const TunnelPump&) = delete;

  /// Until the end; the local socket is closed then. Throws nothing: what goes wrong is in `state`.
  void run() noexcept;

  /// Makes run() return soon: now, or after the goodbye of a WebSocket that stands.
  void leave();

 private:
  using Error = WebSocketStream::Error;

  static constexpr std::size_t kTowardsLibrary = std::size_t{64} << 10U;
  static constexpr std::size_t kTowardsBroker = std::size_t{16} << 10U;

  /// How the thread that looks the name up finds us; empty once we are gone.
  struct Mailbox {
    std::mutex mutex;
    TunnelPump* pump = nullptr;
  };

  void begin();
  void try_addresses(LookupAnswer answer);
  void try_next_address(const std::string& last_problem);
  void shake_hands();
  void open();
  void read_broker();
  void plan_flush();
  void flush_to_library();
  void read_library();
  void say_goodbye();
  void limit_goodbye();
  void end_after_flush(std::string why);
  void end(const std::string& why);
  [[nodiscard]] std::chrono::milliseconds time_left() const;

  const TunnelOptions options_;
  TunnelState& state_;
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket local_;
  boost::asio::steady_timer deadline_;
  std::unique_ptr<WebSocketStream> stream_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();

  std::vector<HostAddress> addresses_;
  std::size_t next_address_ = 0;

  ByteRing<kTowardsLibrary> towards_library_;
  std::array<char, kTowardsBroker> towards_broker_;
  bool reading_broker_ = false;
  bool writing_library_ = false;
  bool flush_planned_ = false;
  bool arrived_since_plan_ = false;
  bool leaving_ = false;
  std::string end_reason_;  // not empty: nothing more comes from the broker
};

}  // namespace sluice
