#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/token_bucket.h"
#include "dedup/newcomers.h"
#include "dedup/sender_allowances.h"
#include "dedup/top_talkers.h"
#include "metrics/flood_metrics.h"
#include "model/batch.h"
#include "packet/payload_decoder.h"

namespace sluice {

/// `sluice.limits`; 0 is no limit.
struct FloodLimits {
  std::int64_t observer_messages_per_minute = 0;
  std::int64_t new_observers_per_hour = 0;
  std::int64_t new_nodes_per_hour = 0;
  std::int64_t dropped_packets_per_hour = 0;
};

/// Sees who floods, and refuses what is over the limits. Each limit is kept source by source and by
/// receive time, and messages pass here in the order of their source: so what comes out does not
/// depend on how late, how fast or on how many threads it is worked on. Memory is bounded, whatever
/// is sent.
///
/// What is forgotten at the end of the process begins full at the next start.
///
/// Thread: bound(dedup).
class FloodGuard {
 public:
  /// `metrics` has a place for the talkers of each source.
  FloodGuard(const FloodLimits& limits, FloodMetrics& metrics);

  // Before the pipeline starts: who has a row. In the order of last contact, latest last.
  void learn_observer(std::string_view id);
  void learn_node(std::string_view public_key);
  void learn_phone(std::string_view public_key);

  /// Before the message is recognised: counts it, and tells whether it is refused; kNone if not.
  [[nodiscard]] RejectReason admit(const Batch& batch, const Entry& entry);

  /// What a transmission's first copy brought, with another verdict if its sender is one node too
  /// many.
  [[nodiscard]] std::shared_ptr<const TransmissionFacts> judge(
      std::size_t source, std::shared_ptr<const TransmissionFacts> facts, WallTime received);

  /// After an admitted message is recognised: newcomers have come in, and a refused advert may have
  /// to do without its row.
  void settle(Batch& batch, const Entry& entry);

  /// Publishes the last, incomplete minute.
  void finish();

 private:
  enum class Kind : std::uint8_t { kObserver, kPhone, kNode };
  struct Sender {
    std::string_view id;
    Kind kind = Kind::kObserver;
    bool makes_row = false;  ///< if nothing else speaks against it
  };

  [[nodiscard]] static Sender sender_of(const Batch& batch, const Entry& entry);
  [[nodiscard]] static std::uint64_t key_of(Kind kind, std::string_view id);
  [[nodiscard]] RejectReason verdict_on(std::size_t source, const Sender& sender,
                                        std::uint64_t sender_at_source, WallTime received);

  FloodMetrics& metrics_;
  std::vector<TopTalkers> talkers_;  // by source
  SenderAllowances rates_;
  Newcomers new_observers_;
  Newcomers new_nodes_;
  RateLimit dropped_limit_;
  std::vector<TokenBucket> dropped_rows_;  // by source; empty before the first
};

}  // namespace sluice
