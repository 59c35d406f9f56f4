#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::test {

/// Stands between a client and a server on this machine and can make the network between them bad.
///
/// Thread: any.
class TcpProxy {
 public:
  /// Passes on to this port of 127.0.0.1. Starts at once.
  explicit TcpProxy(std::uint16_t to);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Resets every connection as soon as so many more bytes have gone to the client: in the middle
  /// of a packet, if that is where they end. Once.
  void cut_after(std::size_t bytes_to_client) {
    cut_after_ = static_cast<std::int64_t>(bytes_to_client);
  }
  /// Resets every connection now.
  void cut() { cut_after(0); }
  /// Passes nothing on, in neither direction, and keeps the connections open.
  void hold(bool on) { holding_ = on; }
  /// Of each direction, bytes per second; 0: as fast as it goes.
  void slow_down(std::size_t bytes_per_second) { bytes_per_second_ = bytes_per_second; }
  [[nodiscard]] unsigned connections() const { return connections_; }
  [[nodiscard]] unsigned cuts() const { return cuts_; }

 private:
  struct Pair {
    int client;
    int server;
  };

  void serve();
  void accept_one();
  bool pass_on(int from, int to, bool to_client);
  void reset_all();

  const std::uint16_t to_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> ending_{false};
  std::atomic<bool> holding_{false};
  std::atomic<std::int64_t> cut_after_{-1};
  std::atomic<std::size_t> bytes_per_second_{0};
  std::atomic<unsigned> connections_{0};
  std::atomic<unsigned> cuts_{0};
  std::vector<Pair> pairs_;  // the thread's
  std::thread thread_;
};

}  // namespace sluice::test
