#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sluice {

/// A QoS 1 message that was appended and whose PUBACK may not have reached the broker.
struct UnacknowledgedMessage {
  std::uint16_t packet_id = 0;  ///< never 0
  std::uint64_t hash = 0;       ///< delivery_hash()
  /// Its number in the source's journal: durable up to here means that it may be acknowledged. 0:
  /// it is durable already.
  std::uint64_t seq = 0;
};

/// What a redelivered message is recognised by, besides its packet id. Stable across processes:
/// stable_hash() of the payload, begun with stable_hash() of the topic, begun with 0.
[[nodiscard]] std::uint64_t delivery_hash(std::string_view topic,
                                          std::string_view payload) noexcept;

/// The messages of one MQTT session that the broker may send again. The same packet id with equal
/// bytes is the same message; the same id with other bytes tells that the broker has reused the id,
/// so the old one was acknowledged after all.
///
/// One place per packet id, a mebibyte, made when it is first needed.
/// Thread: bound(receive).
class RedeliveryTable {
 public:
  /// What an earlier process left. Before the first connection.
  void seed(std::span<const UnacknowledgedMessage> messages);

  /// Without the session of the last connection the broker knows none of the messages any more.
  void begin_connection(bool session_present);

  /// The number of the equal message that is waiting for its acknowledgement, if there is one.
  [[nodiscard]] std::optional<std::uint64_t> find(std::uint16_t packet_id,
                                                  std::uint64_t hash) const noexcept;

  /// This message has come over this connection, and its PUBACK is on its way out.
  void owe(const UnacknowledgedMessage& message);

  /// Every PUBACK owed has left, which does not mean that the broker has read it: they are
  /// forgotten for this connection only, and come back with the next one of the session.
  void acknowledged() noexcept;

  /// What the broker has not sent again for long, it has forgotten.
  void forget_earlier() noexcept;

  [[nodiscard]] bool empty() const noexcept { return owed_.empty() && earlier_ == 0; }
  [[nodiscard]] std::size_t owed() const noexcept { return owed_.size(); }
  [[nodiscard]] std::size_t earlier() const noexcept { return earlier_; }
  /// The lowest number among them, UINT64_MAX if there is none.
  [[nodiscard]] std::uint64_t lowest() const noexcept;

 private:
  enum class State : std::uint8_t { kNone, kEarlier, kOwed, kSent };
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t seq : 62 = 0;
    std::uint64_t state : 2 = 0;
  };

  [[nodiscard]] static State state_of(const Entry& entry) noexcept {
    return static_cast<State>(entry.state);
  }
  void make_room();

  std::vector<Entry> entries_;       // by packet id; empty until the first message
  std::vector<std::uint16_t> owed_;  // packet ids in kOwed, each once
  std::size_t earlier_ = 0;          // entries in kEarlier
  std::uint64_t lowest_owed_ = UINT64_MAX;
  mutable std::uint64_t lowest_earlier_ = UINT64_MAX;
  mutable bool lowest_earlier_known_ = true;
};

}  // namespace sluice
