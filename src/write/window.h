#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/salted_hash.h"
#include "model/batch.h"
#include "packet/payload_decoder.h"
#include "write/pending_node.h"
#include "write/pending_observer.h"

namespace sluice {

inline constexpr std::uint32_t kNoObserver = UINT32_MAX;
inline constexpr std::uint32_t kNoNode = UINT32_MAX;

/// One transmission as this window leaves it.
struct PendingTransmission {
  const Packet* first;  ///< this window's first copy: what a new row is made of
  std::uint32_t slot;
  bool fresh;                    ///< the slot means nothing before this entry
  std::uint32_t node = kNoNode;  ///< an advert: index of its sender into the window's nodes
  WallTime received;             ///< of `first`, which need not be the earliest: clocks get stepped
  WallTime earliest;
  WallTime latest;
};

/// One observation, the repeats of this window merged into it (contract 3.6: a newer value that is
/// not NULL wins).
struct PendingObservation {
  std::uint32_t transmission;  ///< index into the window's transmissions
  std::uint32_t observer;      ///< index into the window's observers, or kNoObserver
  std::uint32_t source;        ///< whose account it goes to
  const Packet* first;
  WallTime received;
  bool before_contact = false;  ///< sees the observer's row as it was before the first contact
  std::optional<double> snr;
  std::optional<double> rssi;
  std::optional<std::int64_t> score;
  std::string_view raw_hex;
};

/// One observer_metrics sample (contract 3.5; D13).
struct PendingMetrics {
  std::uint32_t observer;
  WallTime at;  ///< rounded to the sample interval
  StatusReport fields;
};

/// One copy of an advert that was refused for its signature (contract 3.4 b).
struct PendingDrop {
  const Packet* copy;
  WallTime received;
};

/// What a phone heard (contract 3.8). The database tells whether it is a repeat.
struct PendingReception {
  const ClientReception* reception;
  WallTime received;
  std::uint32_t source;
};

/// A retained status that came before its observer's first contact in this window: only the
/// database knows whether there is a row that it can touch (deviation D21).
struct PendingRetained {
  std::uint32_t observer;
  std::uint32_t source;
};

/// One message of a window, as it came in.
struct WindowMessage {
  const Batch* batch;
  const Entry* entry;
};

/// What every window of a writer has in common.
struct WindowShape {
  std::size_t sources = 0;
  std::size_t slots = 0;  ///< of dedup's memory
  std::chrono::seconds sample_interval{300};
};

/// What one window will write, coalesced as it comes in, so that the transaction itself has nothing
/// left to decide. Holds views into the batches of the window; those outlive it.
///
/// Thread: bound(write).
class Window {
 public:
  explicit Window(const WindowShape& shape);

  void add(const Batch& batch, const Entry& entry);

  /// Forgets everything; capacity is kept.
  void clear();

  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
  /// In the order in which they were added.
  [[nodiscard]] const std::vector<WindowMessage>& messages() const noexcept { return messages_; }
  [[nodiscard]] std::int64_t packets() const noexcept { return packets_; }
  [[nodiscard]] bool has_rows() const noexcept {
    return !observers_.empty() || !transmissions_.empty() || !drops_.empty() ||
           !receptions_.empty();
  }

  [[nodiscard]] const std::vector<PendingTransmission>& transmissions() const noexcept {
    return transmissions_;
  }
  [[nodiscard]] const std::vector<PendingObservation>& observations() const noexcept {
    return observations_;
  }
  [[nodiscard]] std::vector<PendingObserver>& observers() noexcept { return observers_; }
  [[nodiscard]] const std::vector<PendingMetrics>& metrics() const noexcept { return metrics_; }

  [[nodiscard]] std::vector<PendingNode>& nodes() noexcept { return nodes_; }
  [[nodiscard]] const std::vector<PendingDrop>& drops() const noexcept { return drops_; }
  [[nodiscard]] const std::vector<PendingReception>& receptions() const noexcept {
    return receptions_;
  }
  [[nodiscard]] const std::vector<PendingRetained>& retained() const noexcept { return retained_; }

  /// What happened to the messages of one source in this window, as far as it is known before the
  /// database has spoken.
  struct SourceTally {
    std::uint64_t last_seq = 0;
    std::uint64_t bytes = 0;  ///< topics and payloads, which the journal keeps until it is released
    std::uint64_t statuses = 0;
    std::uint64_t merged_in_window = 0;
    std::array<std::uint64_t, kRejectReasonCount> rejected{};
  };
  [[nodiscard]] const std::vector<SourceTally>& tallies() const noexcept { return tallies_; }

 private:
  struct ObservationKey {
    std::uint32_t transmission;
    std::uint32_t observer;
    std::string_view path_json;
    bool operator==(const ObservationKey&) const = default;
  };
  struct ObservationKeyHash {
    std::size_t operator()(const ObservationKey& key) const noexcept;
  };

  void add_packet(std::uint32_t source, const Packet& packet, WallTime received);
  void add_status(std::uint32_t source, const StatusReport& status, WallTime received,
                  bool retained);
  [[nodiscard]] std::uint32_t transmission_of(const Packet& packet, WallTime received);
  [[nodiscard]] std::uint32_t observer_of(std::string_view id);
  void add_linked(std::uint32_t source, std::uint32_t transmission, const Packet& packet,
                  WallTime received);
  void refuse(std::uint32_t source, const Packet& packet, WallTime received);
  void note_advert(const Packet& packet, std::uint32_t transmission, WallTime received);
  void add_metrics(std::uint32_t observer, const StatusReport& status, WallTime received);

  const std::chrono::seconds sample_interval_;
  std::vector<WindowMessage> messages_;
  std::int64_t packets_ = 0;
  std::vector<PendingTransmission> transmissions_;
  std::vector<PendingObservation> observations_;
  std::vector<PendingObserver> observers_;
  std::vector<PendingMetrics> metrics_;
  std::vector<PendingNode> nodes_;
  std::vector<PendingDrop> drops_;
  std::vector<PendingReception> receptions_;
  std::vector<PendingRetained> retained_;
  std::vector<SourceTally> tallies_;

  std::vector<std::uint32_t>
      transmission_of_slot_;  // index + 1 of the slot's transmission in this window, 0 = none
  // Keys from the network, so the hashes are salted.
  std::unordered_map<std::string_view, std::uint32_t, SaltedHash> observer_index_;
  std::unordered_map<std::string_view, std::uint32_t, SaltedHash> node_index_;
  std::unordered_map<ObservationKey, std::uint32_t, ObservationKeyHash> observation_index_;
};

}  // namespace sluice
