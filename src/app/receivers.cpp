#include "app/receivers.h"

#include <algorithm>

#include <fmt/format.h>
#include <pthread.h>

namespace sluice {

MqttOptions mqtt_options_for(const SourceConfig& source) {
  const BrokerUrl& url = source.url;
  const bool web_socket =
      url.transport == Transport::kWebSocket || url.transport == Transport::kWebSocketTls;
  return {.tag = source.tag,
          .display_url = url.display(),
          .host = url.transport == Transport::kUnixSocket ? url.path : url.host,
          .port = url.port,
          .web_socket = web_socket,
          .path = web_socket ? url.path : "",
          .tls = url.uses_tls(),
          .verify_tls = source.reject_unauthorized.value_or(true),
          .username = source.username,
          .password = source.password,
          .topics = source.topics};
}

Receivers::Receivers(const Config& config, Pipeline& pipeline, const Clock& clock, Wakeup& news)
    : news_(news) {
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    sources_.emplace_back(mqtt_options_for(config.sources[i]), pipeline.intake(i), clock,
                          pipeline.feed_wakeup());
  }
}

void Receivers::start() {
  for (MqttSource& source : sources_) {
    Seat& seat = seats_.emplace_back();
    seat.thread = std::thread([this, &source, &seat, number = seats_.size() - 1] {
      pthread_setname_np(pthread_self(), fmt::format("receive-{}", number).c_str());
      try {
        source.run();
      } catch (...) {
        seat.error = std::current_exception();
      }
      seat.finished.store(true, std::memory_order_release);
      news_.notify();
    });
  }
}

void Receivers::ask_to_stop() noexcept {
  for (MqttSource& source : sources_) source.stop();
}

void Receivers::stop() {
  ask_to_stop();
  for (Seat& seat : seats_) {
    if (seat.thread.joinable()) seat.thread.join();
  }
}

bool Receivers::finished() const noexcept {
  return std::all_of(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.finished.load(std::memory_order_acquire);
  });
}

std::exception_ptr Receivers::failure() const noexcept {
  for (const Seat& seat : seats_) {
    if (seat.finished.load(std::memory_order_acquire) && seat.error) return seat.error;
  }
  return nullptr;
}

std::size_t Receivers::connected() const {
  return static_cast<std::size_t>(
      std::count_if(sources_.begin(), sources_.end(),
                    [](const MqttSource& source) { return source.status().connected(); }));
}

}  // namespace sluice
