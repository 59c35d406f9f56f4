#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// Readable bytes behind every payload in the journal, so that a parser may look ahead without a
/// copy.
inline constexpr std::size_t kJournalPadding = 64;

/// What a source hands over the moment its bytes arrive.
struct IncomingMessage {
  WallTime received;  ///< taken when the bytes arrived; every stored clock comes from here
  std::string_view topic;
  std::string_view payload;
  std::uint16_t message_id = 0;  ///< MQTT packet identifier, 0 at QoS 0
  std::uint8_t qos = 0;
  bool retained = false;
  bool duplicate = false;  ///< MQTT DUP flag
};

/// A message as it lies in the journal. Views stay valid until its number is released.
struct JournalRecord {
  std::uint64_t seq = 0;  ///< from 1, without gaps, never reused
  IncomingMessage message;
};

/// What makes a journal's checksums its own.
using JournalUuid = std::array<std::uint8_t, 16>;

/// The bytes of a segment: a SegmentHeader, then records one after the other, each a RecordHeader,
/// topic, payload and padding; at the end a record that names the segment to go on in. Everything
/// is written in the machine's byte order: a journal doesn't travel.
///
/// Every checksum is seeded with the journal's uuid and the segment's generation, so that neither a
/// record of an earlier lap, nor one of another journal, nor a payload that imitates one, can pass
/// for a record of this lap.
///
/// Thread: any; functions of their arguments.
namespace journal_format {

struct SegmentHeader {
  std::uint64_t magic;
  std::uint64_t generation;  ///< from 1, one more with every segment that is begun
  std::uint64_t first_seq;
  std::uint64_t checksum;  ///< of the three above
};

struct RecordHeader {
  enum class Kind : std::uint8_t { kRecord = 1, kNextSegment = 2 };

  std::uint64_t seq;  ///< of a kNextSegment: the number of the segment to go on in
  std::int64_t received_us;
  std::uint32_t payload_bytes;
  std::uint16_t topic_bytes;
  std::uint16_t message_id;
  Kind kind;
  std::uint8_t qos;
  bool retained;
  bool duplicate;
  std::uint32_t reserved;
  std::uint64_t checksum;  ///< of all above, topic and payload
};

inline constexpr std::size_t kAlignment = 8;
static_assert(sizeof(SegmentHeader) == 32 && sizeof(SegmentHeader) % kAlignment == 0);
static_assert(sizeof(RecordHeader) == 40 && sizeof(RecordHeader) % kAlignment == 0);

/// Bytes that a record takes, header and padding included.
[[nodiscard]] std::size_t record_bytes(std::size_t topic_bytes, std::size_t payload_bytes) noexcept;

/// The seed of a segment's checksums.
[[nodiscard]] std::uint64_t seed_of(const JournalUuid& journal, std::uint64_t generation) noexcept;

void write_segment_header(std::byte* place, std::uint64_t seed, std::uint64_t generation,
                          std::uint64_t first_seq) noexcept;

/// Writes a record; the caller has seen to it that there is room.
void write_record(std::byte* place, std::uint64_t seed, std::uint64_t seq,
                  const IncomingMessage& message) noexcept;

void write_next_segment(std::byte* place, std::uint64_t seed, std::uint32_t segment) noexcept;

/// For bytes that this process has written: takes them as they are.
[[nodiscard]] RecordHeader read_header(const std::byte* place) noexcept;
[[nodiscard]] JournalRecord record_at(const std::byte* place, const RecordHeader& header) noexcept;

/// For bytes that somebody has left behind: false unless they are a whole segment header.
[[nodiscard]] bool verify_segment_header(std::span<const std::byte> bytes,
                                         const JournalUuid& journal, SegmentHeader& out) noexcept;

/// Likewise for the record, or the way to the next segment, that `bytes` begins with.
[[nodiscard]] bool verify_record(std::span<const std::byte> bytes, std::uint64_t seed,
                                 RecordHeader& out) noexcept;

/// A checksum for the file's own header.
[[nodiscard]] std::uint64_t checksum_of(std::span<const std::byte> bytes,
                                        std::uint64_t seed) noexcept;

}  // namespace journal_format

}  // namespace sluice
