#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "receive/local_rendezvous.h"

namespace sluice {

/// Where a WebSocket broker is. Holds no credentials of MQTT.
struct TunnelOptions {
  std::string host;  ///< a name, or an address without brackets
  std::uint16_t port = 80;
  std::string path;  ///< with its query; '' = /
  bool tls = false;
  bool verify_tls = true;
  std::string ca_file;                               ///< PEM; '' = the system's authorities
  std::string certificate_file;                      ///< PEM, ours, with its chain; '' = none
  std::string key_file;                              ///< PEM, ours, without a passphrase
  std::chrono::milliseconds connect_timeout{10000};  ///< from the name to the end of the handshakes
  std::chrono::milliseconds goodbye{250};            ///< for the last words, once it is given up
};

/// How far a tunnel has come.
enum class TunnelStep : std::uint8_t { kResolve, kConnect, kSecure, kUpgrade, kOpen, kEnded };

/// What another thread may ask about a tunnel.
///
/// Thread: all but the text any; the text is behind a mutex that guards nothing else.
class TunnelState {
 public:
  void enter(TunnelStep step) noexcept;
  /// Ends it; the first reason stays.
  void end(const std::string& why);

  [[nodiscard]] TunnelStep step() const noexcept { return step_.load(std::memory_order_acquire); }
  /// The broker's port accepted us once.
  [[nodiscard]] bool reached() const noexcept { return reached_.load(std::memory_order_relaxed); }
  /// The WebSocket stood once.
  [[nodiscard]] bool opened() const noexcept { return opened_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string trouble() const;

 private:
  std::atomic<TunnelStep> step_{TunnelStep::kResolve};  // kEnded: partner of the load in step()
  std::atomic<bool> reached_{false};
  std::atomic<bool> opened_{false};
  mutable std::mutex mutex_;
  std::string why_;
};

class TunnelPump;

/// Carries the bytes of one MQTT connection through a WebSocket (binary frames, subprotocol
/// `mqtt`), because libmosquitto speaks none. The library connects to a socket of this process
/// instead, at local_path() with port 0, and a thread of the tunnel's own pumps both ways.
///
/// Bounded: 64 KiB on the way to the library, 16 KiB on the way to the broker; while one side does
/// not take, nothing is read from the other. When the WebSocket ends, however it does, what has
/// arrived is handed on and the local socket is closed, so that the library sees a lost connection;
/// trouble() then says why. Good for one connection.
///
/// Thread: bound to the one that makes it (receive); the pump is its own.
class WebSocketTunnel {
 public:
  /// Throws std::system_error when the local socket cannot be made.
  explicit WebSocketTunnel(TunnelOptions options);
  /// Ends at once; where the WebSocket stands, after a goodbye of at most a quarter of a second.
  /// The local end of the library should be closed by then.
  ~WebSocketTunnel();
  WebSocketTunnel(const WebSocketTunnel&) = delete;
  WebSocketTunnel& operator=(const WebSocketTunnel&) = delete;

  /// What libmosquitto connects to, with port 0.
  [[nodiscard]] const std::string& local_path() const noexcept { return rendezvous_.path(); }

  /// Call it when the library has connected. Begins with the broker. Throws std::system_error
  /// without a connection or a thread.
  void start();

  [[nodiscard]] bool reached() const noexcept { return state_.reached(); }
  [[nodiscard]] bool opened() const noexcept { return state_.opened(); }
  /// For people: why it has ended; before the WebSocket stands, what it waits for; '' while it
  /// stands.
  [[nodiscard]] std::string trouble() const { return state_.trouble(); }

 private:
  TunnelOptions options_;
  LocalRendezvous rendezvous_;
  TunnelState state_;
  std::unique_ptr<TunnelPump> pump_;
  std::thread thread_;
};

}  // namespace sluice
