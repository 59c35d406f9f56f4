#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "model/envelope.h"

namespace sluice {

struct TransmissionFacts;  // packet/payload_decoder.h; here only a handle to it travels

/// Why a sender's clock is not believed and the time of receipt stands in for it (contract 3.10),
/// for the log. A naive one that is off is no fault: that is recorded.
enum class ClockFault : std::uint8_t { kNone, kUnparsable, kFuture, kStale };

/// One reception of a phone, with what it heard.
struct ClientReception {
  ClientReport report;

  // set by decode
  std::string_view heard_key;  ///< lower-case hex, in the batch's arena
  std::int64_t heard_key_bytes = 0;
  bool from_advert = false;  ///< the sender named itself; otherwise the last hop did
  WallTime heard;            ///< the phone's clock as far as it is to be believed (contract 3.10)
  ClockFault clock_fault = ClockFault::kNone;
};

/// One copy of a packet: what the observer reported, and what the frame in it is.
struct Packet {
  PacketReport report;

  // set by decode
  std::span<const std::uint8_t> frame;  ///< the bytes on air, in the batch's arena
  std::uint64_t content_hash = 0;       ///< identity of the transmission (contract A.5)
  std::string_view path_json;           ///< as stored, in the arena
  std::optional<std::string_view>
      scope_name;  ///< of this copy's codes: absent, '' = unknown, or `#name`
  std::optional<std::array<std::uint8_t, 4>> transport_codes;  ///< wire order
  /// The observer's clock names no zone and is this far off, negative = behind (contract 3.10).
  std::optional<std::chrono::seconds> naive_clock_skew;
  ClockFault clock_fault = ClockFault::kNone;
  std::uint8_t route_type = 0;
  std::uint8_t payload_type = 0;
  std::uint8_t payload_version = 0;
  /// Its observer makes no row and is no contact: a row that is there is linked and touched
  /// (contract 3.7). The report's origin is then the text's sender, for the log.
  bool links_observer_only = false;

  // set by dedup, or by decode where there is no frame to read them from
  std::shared_ptr<const TransmissionFacts> facts;  ///< decoded once, from the first copy

  // set by dedup
  std::uint32_t slot = 0;  ///< place of the transmission in the known window
  bool fresh = false;      ///< this entry (re)opens the slot: forget what the slot meant before
  bool without_dropped_row = false;  ///< refused, and over sluice.limits.droppedPacketsPerHour
};

/// One message on its way. The journal owns the bytes until the writer releases them.
struct Entry {
  enum class Kind : std::uint8_t { kUndecoded, kRejected, kPacket, kStatus, kClientReception };

  std::uint64_t seq = 0;  ///< in the source's journal
  WallTime received;
  std::string_view topic;
  std::string_view payload;  ///< followed by readable padding
  Kind kind = Kind::kUndecoded;
  RejectReason reject = RejectReason::kNone;
  bool retained = false;
  std::uint32_t index = 0;  ///< into packets, statuses, client_receptions, or refused_frames
};

/// What travels through the queues: consecutive messages of one source, in order, with everything
/// that was found out about them. One allocation carries many messages, so a hop costs nanoseconds
/// each.
///
/// Thread: bound to whoever holds the handle; only `in_flight` is shared.
class Batch {
 public:
  /// `in_flight` counts the source's messages that live in batches (the ledger's independent
  /// witness).
  Batch(std::uint32_t source, std::uint64_t number, std::atomic<std::int64_t>& in_flight)
      : source_(source), number_(number), in_flight_(in_flight) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { settle(unsettled_); }

  [[nodiscard]] std::uint32_t source() const noexcept { return source_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries.size(); }

  void add(const Entry& entry) {
    entries.push_back(entry);
    ++unsettled_;
    in_flight_.fetch_add(1, std::memory_order_relaxed);  // a count; nothing is read through it
  }

  /// `count` more entries have their outcome and are no longer in flight.
  void settle(std::int64_t count) noexcept {
    unsettled_ -= count;
    in_flight_.fetch_sub(count, std::memory_order_relaxed);
  }

  void reject(Entry& entry, RejectReason reason) noexcept {
    entry.kind = Entry::Kind::kRejected;
    entry.reject = reason;
  }

  std::vector<Entry> entries;
  std::vector<Packet> packets;
  std::vector<StatusReport> statuses;
  std::vector<ClientReception> client_receptions;
  std::vector<std::string_view> refused_frames;  ///< text of frames that do not parse, for the log
  Arena arena;

 private:
  std::uint32_t source_;
  std::uint64_t number_;  ///< per source, from 0, without gaps
  std::int64_t unsettled_ = 0;
  std::atomic<std::int64_t>& in_flight_;
};

}  // namespace sluice
