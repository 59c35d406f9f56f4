#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt_session.h"

namespace sluice {

/// What became of the messages. Every message given to publish() ends in exactly one of published,
/// failed and uncertain.
struct PublishCounts {
  std::uint64_t published = 0;     ///< QoS 0: the broker has read it; else acknowledged
  std::uint64_t acknowledged = 0;  ///< those of them with QoS 1 or 2
  std::uint64_t failed = 0;        ///< refused by the library, or lost before it was written
  std::uint64_t uncertain = 0;     ///< QoS 0, written to a connection that then broke
  std::uint64_t connection_losses = 0;

  PublishCounts& operator+=(const PublishCounts& other) noexcept;
};

/// One publishing client. Takes messages while there is room, so that memory stays bounded, and
/// accounts for each.
///
/// Thread: bound(its user).
class PublishConnection final : public MqttListener {
 public:
  PublishConnection(const MqttLogin& login, unsigned number);

  void connect() { session_.connect(); }
  [[nodiscard]] MqttSession& session() noexcept { return session_; }

  [[nodiscard]] bool has_room() const noexcept;
  void publish(const char* topic, std::string_view payload, int qos, bool retain);

  /// Accounts for what the broken connection took with it; connect() may be tried then.
  void note_loss();

  /// Asks the broker for an answer that proves that it has read all QoS 0 messages given so far. No
  /// effect while one is awaited, or when nothing needs proof.
  void ask_proof();
  /// True when the broker has answered for everything that was given.
  [[nodiscard]] bool settled() const noexcept {
    return outstanding_ == 0 && proven_ == given_at_qos0_;
  }

  [[nodiscard]] const PublishCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] const std::string& last_error() const noexcept { return last_error_; }

 private:
  struct Slot {
    std::uint32_t bytes = 0;
    std::int8_t qos = -1;  ///< -1 = free
  };

  void on_published(int mid) override;
  void on_unsubscribed(int mid) override;

  std::vector<Slot> slots_;  ///< by message id
  std::uint64_t outstanding_ = 0;
  std::uint64_t outstanding_bytes_ = 0;
  // QoS 0 goes from given over written to proven, always in order.
  std::uint64_t given_at_qos0_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t proven_ = 0;
  int proof_mid_ = 0;               ///< id of the question under way, 0 = none
  std::uint64_t proof_covers_ = 0;  ///< what it will prove
  std::string proof_filter_;
  PublishCounts counts_;
  std::string last_error_;
  MqttSession session_;
};

}  // namespace sluice
