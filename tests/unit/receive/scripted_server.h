#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace sluice::test {

/// One connection of a ScriptedServer, seen from the server. Reads and writes wait; a peer that has
/// gone ends them.
class ServerSide {
 public:
  explicit ServerSide(int socket) : socket_(socket) {}

  /// Up to the blank line.
  [[nodiscard]] std::string read_request();
  /// Answers the handshake of `request` as a server for MQTT does; `protocol` as the subprotocol,
  /// none if empty.
  void accept(const std::string& request, std::string_view protocol = "mqtt");
  /// False if the peer has gone.
  bool send(std::string_view bytes);
  void send_byte_by_byte(std::string_view bytes);
  /// What one frame of the client holds, unmasked. '' if the peer has gone.
  [[nodiscard]] std::string read_frame();
  /// Opcode of the frame that read_frame() has read last.
  [[nodiscard]] int opcode() const { return opcode_; }
  /// Until the peer closes.
  void wait_for_end();

 private:
  [[nodiscard]] std::string read_exactly(std::size_t count);

  int socket_;
  int opcode_ = -1;
};

/// A frame as a server sends it. `first` is the byte with FIN, the reserved bits and the opcode.
[[nodiscard]] std::string server_frame(int first, std::string_view payload);
inline constexpr int kBinaryFrame = 0x82;

/// A TCP server on a free loopback port that serves one connection with the test's script, on a
/// thread of its own.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(ServerSide&)> script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace sluice::test
