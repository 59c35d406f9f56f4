#include "journal/record_format.h"

#include <algorithm>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sluice::journal_format {
namespace {

constexpr std::uint64_t kSegmentMagic = 0x31'67'65'73'2d'6a'6c'73;  // "slj-seg1"
constexpr std::size_t kCheckedHeaderBytes = offsetof(RecordHeader, checksum);
constexpr std::size_t kCheckedSegmentBytes = offsetof(SegmentHeader, checksum);

std::uint64_t record_checksum(const RecordHeader& header, const std::byte* body,
                              std::uint64_t seed) noexcept {
  const std::uint64_t of_header = XXH3_64bits_withSeed(&header, kCheckedHeaderBytes, seed);
  const std::size_t body_bytes = std::size_t{header.topic_bytes} + header.payload_bytes;
  return XXH3_64bits_withSeed(body, body_bytes, of_header);
}

std::byte* copy_text(std::string_view text, std::byte* place) noexcept {
  return std::copy_n(reinterpret_cast<const std::byte*>(text.data()), text.size(), place);
}

}  // namespace

std::size_t record_bytes(std::size_t topic_bytes, std::size_t payload_bytes) noexcept {
  const std::size_t bytes = sizeof(RecordHeader) + topic_bytes + payload_bytes + kJournalPadding;
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint64_t checksum_of(std::span<const std::byte> bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t seed_of(const JournalUuid& journal, std::uint64_t generation) noexcept {
  return XXH3_64bits_withSeed(journal.data(), journal.size(), generation);
}

void write_segment_header(std::byte* place, std::uint64_t seed, std::uint64_t generation,
                          std::uint64_t first_seq) noexcept {
  SegmentHeader header{
      .magic = kSegmentMagic, .generation = generation, .first_seq = first_seq, .checksum = 0};
  header.checksum = XXH3_64bits_withSeed(&header, kCheckedSegmentBytes, seed);
  std::memcpy(place, &header, sizeof header);
}

void write_record(std::byte* place, std::uint64_t seed, std::uint64_t seq,
                  const IncomingMessage& message) noexcept {
  RecordHeader header{.seq = seq,
                      .received_us = message.received.time_since_epoch().count(),
                      .payload_bytes = static_cast<std::uint32_t>(message.payload.size()),
                      .topic_bytes = static_cast<std::uint16_t>(message.topic.size()),
                      .message_id = message.message_id,
                      .kind = RecordHeader::Kind::kRecord,
                      .qos = message.qos,
                      .retained = message.retained,
                      .duplicate = message.duplicate,
                      .reserved = 0,
                      .checksum = 0};
  std::byte* const body = place + sizeof header;
  copy_text(message.payload, copy_text(message.topic, body));
  header.checksum = record_checksum(header, body, seed);
  std::memcpy(place, &header, sizeof header);
}

void write_next_segment(std::byte* place, std::uint64_t seed, std::uint32_t segment) noexcept {
  RecordHeader header{};
  header.kind = RecordHeader::Kind::kNextSegment;
  header.seq = segment;
  header.checksum = record_checksum(header, place + sizeof header, seed);
  std::memcpy(place, &header, sizeof header);
}

RecordHeader read_header(const std::byte* place) noexcept {
  RecordHeader header;
  std::memcpy(&header, place, sizeof header);
  return header;
}

JournalRecord record_at(const std::byte* place, const RecordHeader& header) noexcept {
  const char* const topic = reinterpret_cast<const char*>(place + sizeof header);
  return {.seq = header.seq,
          .message = {.received = WallTime(std::chrono::microseconds(header.received_us)),
                      .topic = {topic, header.topic_bytes},
                      .payload = {topic + header.topic_bytes, header.payload_bytes},
                      .message_id = header.message_id,
                      .qos = header.qos,
                      .retained = header.retained,
                      .duplicate = header.duplicate}};
}

bool verify_segment_header(std::span<const std::byte> bytes, const JournalUuid& journal,
                           SegmentHeader& out) noexcept {
  if (bytes.size() < sizeof out) return false;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out.magic == kSegmentMagic &&
         out.checksum ==
             XXH3_64bits_withSeed(&out, kCheckedSegmentBytes, seed_of(journal, out.generation));
}

bool verify_record(std::span<const std::byte> bytes, std::uint64_t seed,
                   RecordHeader& out) noexcept {
  if (bytes.size() < sizeof out) return false;
  // Byte by byte first: what a stranger has left in a bool must not be looked at as one.
  const auto kind = static_cast<std::uint8_t>(bytes[offsetof(RecordHeader, kind)]);
  const auto retained = static_cast<std::uint8_t>(bytes[offsetof(RecordHeader, retained)]);
  const auto duplicate = static_cast<std::uint8_t>(bytes[offsetof(RecordHeader, duplicate)]);
  if (kind < 1 || kind > 2 || retained > 1 || duplicate > 1) return false;
  std::memcpy(&out, bytes.data(), sizeof out);
  const std::size_t body_bytes = std::size_t{out.topic_bytes} + out.payload_bytes;
  if (body_bytes > bytes.size() - sizeof out) return false;
  return out.checksum == record_checksum(out, bytes.data() + sizeof out, seed);
}

}  // namespace sluice::journal_format
