#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "metrics/counter.h"
#include "model/reject_reason.h"

namespace sluice {

/// The account of one source, in messages (design 4.3):
///
///   received + recovered = committed + merged + rejected(reason) + dropped(reason) + in flight
///
/// `in flight` is not the remainder of that equation: it is counted on its own, as the journal's
/// backlog plus the messages alive in batches, so that a message that gets lost somewhere shows up
/// as an imbalance.
///
/// Thread: each group of counters is bound to the stage that it names; reading is for any.
struct SourceLedger {
  explicit SourceLedger(std::string source_name) : name(std::move(source_name)) {}

  const std::string name;

  struct alignas(64) Receive {  // written by this source's receive thread
    Counter received;
    Counter received_bytes;
    Counter recovered;  ///< received by an earlier process, found in its journal; set at start
    std::array<Counter, kDropReasonCount> dropped;
    Counter left_with_broker;  ///< found no room, and was not taken: not received either
  } receive;

  struct alignas(64) Write {  // written by the write thread, after the COMMIT that made it true
    Counter committed;        ///< left a row, or changed one in its own right (status)
    Counter merged;           ///< a repeat of a (transmission, observer, path) that had its row
    std::array<Counter, kRejectReasonCount> rejected;
  } write;

  /// Messages alive in batches: up in feed, down where the outcome is known.
  alignas(64) std::atomic<std::int64_t> in_batches{0};

  /// Messages appended to the journal and not yet fed. Set once at wiring.
  std::function<std::uint64_t()> journal_backlog = [] { return std::uint64_t{0}; };
};

/// One moment of an account, or the sum of several.
struct LedgerTotals {
  std::uint64_t received = 0;
  std::uint64_t recovered = 0;
  std::uint64_t committed = 0;
  std::uint64_t merged = 0;
  std::array<std::uint64_t, kRejectReasonCount> rejected{};
  std::array<std::uint64_t, kDropReasonCount> dropped{};
  std::uint64_t in_flight = 0;

  [[nodiscard]] std::uint64_t rejected_total() const noexcept;
  [[nodiscard]] std::uint64_t dropped_total() const noexcept;
  /// What the equation is off by; 0 when it balances. Meaningful while the pipeline is at rest: in
  /// motion the counters are read one after the other.
  [[nodiscard]] std::int64_t imbalance() const noexcept;
  LedgerTotals& operator+=(const LedgerTotals& other) noexcept;
};

/// All sources' accounts.
///
/// Thread: add_source() before the pipeline starts; the rest any.
class Ledger {
 public:
  SourceLedger& add_source(std::string name) { return sources_.emplace_back(std::move(name)); }
  [[nodiscard]] const std::deque<SourceLedger>& sources() const noexcept { return sources_; }
  [[nodiscard]] LedgerTotals totals() const;

 private:
  std::deque<SourceLedger> sources_;  // a deque: accounts never move, stages hold references
};

[[nodiscard]] LedgerTotals totals_of(const SourceLedger& source);

/// One line: `received=… committed=… merged=… rejected=… (reason=…) dropped=… in_flight=…`.
[[nodiscard]] std::string to_line(const LedgerTotals& totals);

}  // namespace sluice
