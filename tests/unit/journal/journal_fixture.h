#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"
#include "journal/journal_directory.h"
#include "journal/recovery.h"
#include "support/manual_clock.h"

namespace sluice::test {

inline constexpr std::size_t kSmallSegment = 4096;

inline JournalOptions small_journal(std::size_t segments) {
  return {.max_bytes = segments * kSmallSegment,
          .max_record_bytes = 1000,
          .segment_bytes = kSmallSegment,
          .min_free_bytes = 0,
          .trust_every_sync = true};
}

/// Payload of the record with this number: of a length of its own, so that no two segments look
/// alike.
inline std::string payload_of(std::uint64_t seq) {
  return std::to_string(seq) + std::string(50 + seq * 37 % 400, 'x');
}

inline AppendResult append_next(Journal& journal, std::string_view payload,
                                std::uint16_t message_id = 0) {
  return journal.append({.received = kTestEpoch + std::chrono::microseconds(journal.appended() + 1),
                         .topic = "meshcore/SJC/A/packets",
                         .payload = payload,
                         .message_id = message_id,
                         .qos = static_cast<std::uint8_t>(message_id == 0 ? 0 : 1)});
}

/// Appends records of payload_of() up to this number, with a keeper that keeps up.
inline void append_up_to(Journal& journal, std::uint64_t last) {
  while (journal.appended() < last) {
    while (journal.tend()) {
    }
    if (append_next(journal, payload_of(journal.appended() + 1)) != AppendResult::kAppended) return;
  }
}

inline void read_and_release(Journal& journal, std::uint64_t last) {
  JournalRecord record;
  while (journal.fed() < last && journal.read(record)) {
  }
  journal.release(journal.fed());
}

/// Numbers of the records that a recovered journal gives out; empty text on any other than
/// payload_of() says so.
inline std::vector<std::uint64_t> read_numbers(Journal& journal) {
  std::vector<std::uint64_t> numbers;
  JournalRecord record;
  while (journal.read(record)) {
    const bool intact =
        record.message.payload == payload_of(record.seq) &&
        record.message.topic == "meshcore/SJC/A/packets" &&
        record.message.received == kTestEpoch + std::chrono::microseconds(record.seq);
    numbers.push_back(intact ? record.seq : 0);
  }
  return numbers;
}

}  // namespace sluice::test
