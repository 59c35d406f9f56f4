#include "support/tcp_proxy.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/loopback.h"

namespace sluice::test {
namespace {

constexpr int kLookMs = 5;

}  // namespace

TcpProxy::TcpProxy(std::uint16_t to) : to_(to) {
  const Listener listener = listen_on_loopback();
  listener_ = listener.fd;
  port_ = listener.port;
  thread_ = std::thread([this] { serve(); });
}

TcpProxy::~TcpProxy() {
  ending_ = true;
  thread_.join();
  reset_all();
  close(listener_);
}

void TcpProxy::serve() {
  while (!ending_) {
    if (cut_after_ == 0) {
      reset_all();
      cut_after_ = -1;
      ++cuts_;
    }
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      const short events = holding_ ? 0 : POLLIN;
      watched.push_back({pair.client, events, 0});
      watched.push_back({pair.server, events, 0});
    }
    if (poll(watched.data(), watched.size(), kLookMs) <= 0) continue;
    // From behind, since a pair that ends goes.
    for (std::size_t i = pairs_.size(); i-- > 0 && cut_after_ != 0;) {
      if (holding_) break;
      const Pair pair = pairs_[i];
      const bool alive =
          (watched[1 + 2 * i].revents == 0 || pass_on(pair.client, pair.server, false)) &&
          (watched[2 + 2 * i].revents == 0 || pass_on(pair.server, pair.client, true));
      if (alive) continue;
      close(pair.client);
      close(pair.server);
      pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched[0].revents != 0) accept_one();
  }
}

void TcpProxy::accept_one() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = connect_to_loopback(to_);
  if (server < 0) {
    reset_connection(client);
    return;
  }
  ++connections_;
  pairs_.push_back({client, server});
}

/// False: one of the two has gone.
bool TcpProxy::pass_on(int from, int to, bool to_client) {
  std::array<char, 16384> buffer;
  std::size_t most = buffer.size();
  if (const std::size_t rate = bytes_per_second_; rate > 0) {
    most = std::clamp<std::size_t>(rate / 100, 1, most);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::int64_t left = cut_after_;
  if (to_client && left > 0) most = std::min(most, static_cast<std::size_t>(left));
  const ssize_t got = recv(from, buffer.data(), most, 0);
  if (got <= 0) return false;
  for (ssize_t done = 0; done < got;) {
    const ssize_t sent =
        send(to, buffer.data() + done, static_cast<std::size_t>(got - done), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    done += sent;
  }
  if (to_client && left > 0) cut_after_ = left - got;
  return true;
}

void TcpProxy::reset_all() {
  for (const Pair& pair : pairs_) {
    reset_connection(pair.client);
    reset_connection(pair.server);
  }
  pairs_.clear();
}

}  // namespace sluice::test
