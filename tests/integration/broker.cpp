#include "broker.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

std::uint16_t free_port() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  bind(socket_fd, reinterpret_cast<sockaddr*>(&address), length);
  getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &length);
  close(socket_fd);
  return ntohs(address.sin_port);
}

namespace {

std::string program() {
  for (const char* path :
       {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

}  // namespace

bool Broker::available() { return !program().empty(); }

Broker::Broker(const std::string& directory, WebSocketListeners web_sockets, std::string more)
    : directory_(directory), web_sockets_(std::move(web_sockets)), more_(std::move(more)) {
  for (int attempt = 0; attempt < 5; ++attempt) {  // another process may take the port in between
    port_ = free_port();
    ws_port_ = free_port();
    wss_port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("mosquitto does not start: " + (process_ ? process_->output() : ""));
}

bool Broker::try_start() {
  const std::string config = directory_ + "/mosquitto.conf";
  std::ofstream file(config);
  file << "listener " << port_ << " 127.0.0.1\n";
  if (web_sockets_.plain) file << "listener " << ws_port_ << " 127.0.0.1\nprotocol websockets\n";
  if (!web_sockets_.key_file.empty()) {
    file << "listener " << wss_port_ << " 127.0.0.1\nprotocol websockets\ncertfile "
         << web_sockets_.certificate_file << "\nkeyfile " << web_sockets_.key_file << "\n";
  }
  file << "allow_anonymous true\nmax_queued_messages 0\n"
       << (getuid() == 0 ? "user root\n" : "") << "log_dest stderr\n"
       << more_;
  file.close();
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{program(), "-c", config});
  return process_->wait_for("running");
}

void Broker::stop() {
  process_->signal(SIGTERM);
  static_cast<void>(process_->wait_exit());
  process_.reset();
}

void Broker::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait_exit());
  process_.reset();
}

void Broker::start() {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (try_start()) return;
    std::this_thread::sleep_for(100ms);  // the port is still in TIME_WAIT
  }
  throw std::runtime_error("mosquitto does not start again: " + process_->output());
}

struct Publisher::State {
  mosquitto* client = nullptr;
  std::uint64_t sent = 0;
  std::atomic<std::uint64_t> accepted{0};
};

Publisher::Publisher(const Broker& broker) : state_(std::make_unique<State>()) {
  mosquitto_lib_init();
  state_->client = mosquitto_new(nullptr, true, state_.get());
  mosquitto_publish_callback_set(
      state_->client, [](mosquitto*, void* self, int) { ++static_cast<State*>(self)->accepted; });
  mosquitto_max_inflight_messages_set(state_->client, 1000);
  if (mosquitto_connect(state_->client, "127.0.0.1", broker.port(), 60) != MOSQ_ERR_SUCCESS) {
    throw std::runtime_error("cannot connect the publisher");
  }
  mosquitto_loop_start(state_->client);
}

Publisher::~Publisher() {
  mosquitto_disconnect(state_->client);
  mosquitto_loop_stop(state_->client, false);
  mosquitto_destroy(state_->client);
}

void Publisher::publish(const std::string& topic, const std::string& payload, bool retain) {
  const int rc = mosquitto_publish(state_->client, nullptr, topic.c_str(),
                                   static_cast<int>(payload.size()), payload.data(), 1, retain);
  if (rc != MOSQ_ERR_SUCCESS) throw std::runtime_error(mosquitto_strerror(rc));
  ++state_->sent;
}

void Publisher::flush() {
  while (state_->accepted < state_->sent) std::this_thread::sleep_for(1ms);
}

}  // namespace sluice::test
