#include "scripted_server.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::test {
namespace {

std::string accept_key(const std::string& request) {
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  const std::size_t start = request.find(kField) + kField.size();
  const std::string text = request.substr(start, request.find("\r\n", start) - start) +
                           "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded;
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

}  // namespace

std::string server_frame(int first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    frame += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8)
      frame += static_cast<char>(std::uint64_t{payload.size()} >> shift);
  }
  return frame.append(payload);
}

std::string ServerSide::read_exactly(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const ssize_t got = recv(socket_, bytes.data() + have, count - have, 0);
    if (got <= 0) return "";
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string ServerSide::read_request() {
  std::string request;
  while (!request.ends_with("\r\n\r\n")) {
    const std::string byte = read_exactly(1);
    if (byte.empty()) break;
    request += byte;
  }
  return request;
}

void ServerSide::accept(const std::string& request, std::string_view protocol) {
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(request) + "\r\n";
  if (!protocol.empty()) answer += "Sec-WebSocket-Protocol: " + std::string(protocol) + "\r\n";
  send(answer + "\r\n");
}

bool ServerSide::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void ServerSide::send_byte_by_byte(std::string_view bytes) {
  for (const char& byte : bytes) send({&byte, 1});
}

std::string ServerSide::read_frame() {
  const std::string head = read_exactly(2);
  if (head.empty()) return "";
  opcode_ = head[0] & 0x0f;
  std::size_t size = static_cast<unsigned char>(head[1]) & 0x7fU;
  if (size == 126) {
    const std::string more = read_exactly(2);
    size = static_cast<unsigned char>(more.at(0)) * 256U + static_cast<unsigned char>(more.at(1));
  }
  const std::string mask = read_exactly(4);
  if (size == 0) return "";
  std::string payload = read_exactly(size);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return payload;
}

void ServerSide::wait_for_end() {
  while (!read_exactly(1).empty()) continue;
}

ScriptedServer::ScriptedServer(std::function<void(ServerSide&)> script) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 1) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "scripted server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([listener = listener_, script = std::move(script)] {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ServerSide side(connection);
    script(side);
    ::shutdown(connection, SHUT_WR);
    side.wait_for_end();
    close(connection);
  });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

}  // namespace sluice::test
