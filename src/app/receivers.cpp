#include "app/receivers.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "app/journal_home.h"
#include "app/source_identity.h"
#include "app/thread_placement.h"
#include "base/log.h"
#include "receive/client_identity.h"

namespace sluice {
namespace {

// Of what a broker sends ahead at most an eighth of the journal's bound, at a kibibyte each, so
// that what waits for its acknowledgement never fills the journal by itself.
constexpr std::int64_t kJournalBytesPerMessageAhead = 8192;

std::uint16_t receive_maximum_for(const JournalConfig& journal) {
  const MqttOptions defaults{};
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(
      journal.max_bytes / kJournalBytesPerMessageAhead, 20, defaults.receive_maximum));
}

/// '' if it can't be kept: then there is no session, and nothing at the broker that nobody fetches.
std::string kept_client_id(const std::filesystem::path& file, const std::string& tag) {
  try {
    return client_id_for(file);
  } catch (const std::system_error& error) {
    log_warn("MQTT [{}] no session at the broker: {}", tag, error.what());
    return "";
  }
}

}  // namespace

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
          .tls_ca_file = source.tls.ca_file,
          .tls_cert_file = source.tls.cert_file,
          .tls_key_file = source.tls.key_file,
          .username = source.username,
          .password = source.password,
          .topics = source.topics,
          .qos = static_cast<int>(source.session.qos),
          .client_id = "",
          .session_expiry = source.session.session_expiry};
}

Receivers::Receivers(const Config& config, Pipeline& pipeline, JournalDirectory* journals,
                     const Clock& clock, Wakeup& news)
    : placement_(config.sluice.threads.receive), news_(news) {
  const std::filesystem::path folder = companion_directory(config);
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    MqttOptions options = mqtt_options_for(config.sources[i]);
    options.receive_maximum = receive_maximum_for(config.sluice.journal);
    options.max_packet_bytes = static_cast<std::uint32_t>(config.sluice.journal.max_record_bytes) +
                               MqttOptions::kPacketHeaderBytes;
    const std::string name = source_identity(config.sources, i);
    std::vector<UnacknowledgedMessage> earlier;
    if (options.qos > 0 && options.session_expiry.count() > 0) {
      options.client_id = kept_client_id(folder / client_id_file_name(name), options.tag);
      if (journals != nullptr) earlier = received_before(*journals, name);
    }
    sources_.emplace_back(std::move(options), pipeline.intake(i), clock, pipeline.feed_wakeup(),
                          earlier);
  }
}

void Receivers::start() {
  for (MqttSource& source : sources_) {
    Seat& seat = seats_.emplace_back();
    seat.thread = std::thread([this, &source, &seat, number = seats_.size() - 1] {
      begin_thread(fmt::format("receive-{}", number), placement_);
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
