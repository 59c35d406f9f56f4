#include "journal/journal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>
#include <random>
#include <system_error>

#include <sys/mman.h>

#include "base/hex.h"

namespace sluice {

/// Header, topic, payload, padding; the next header begins at the next multiple of 8.
struct Journal::RecordHeader {
  enum class Kind : std::uint8_t { kRecord = 1, kNextSegment = 2 };

  std::uint64_t seq;  // of a kNextSegment: the number of the segment to go on in
  std::int64_t received_us;
  std::uint32_t payload_bytes;
  std::uint16_t topic_bytes;
  std::uint16_t message_id;
  Kind kind;
  std::uint8_t qos;
  bool retained;
  bool duplicate;
  std::uint32_t reserved;
};

namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMinSegments = 3;  // one being written, one being read, one between them

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) noexcept {
  return (bytes + unit - 1) / unit * unit;
}

std::string random_uuid() {
  std::random_device device;
  std::array<std::uint32_t, 4> words{};
  std::generate(words.begin(), words.end(), [&] { return device(); });
  return to_lower_hex({reinterpret_cast<const std::uint8_t*>(words.data()), sizeof words});
}

}  // namespace

Journal::Journal(const JournalOptions& options)
    : uuid_(random_uuid()), max_record_bytes_(options.max_record_bytes) {
  static_assert(sizeof(RecordHeader) == 32 && sizeof(RecordHeader) % kAlignment == 0);
  const std::size_t largest =
      2 * sizeof(RecordHeader) + max_record_bytes_ + kJournalPadding + kAlignment;
  segment_bytes_ = round_up(std::max(options.segment_bytes, largest), 4096);
  segment_count_ = std::max(kMinSegments, options.max_bytes / segment_bytes_);
  void* const mapping = mmap(nullptr, capacity_bytes(), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "cannot map the journal");
  base_ = static_cast<std::byte*>(mapping);
  recycled_.reserve(segment_count_);  // append() must not allocate later
  full_segments_.reserve(segment_count_);
  untouched_ = 1;  // segment 0 is the first to be written and read
  used_bytes_.store(segment_bytes_, std::memory_order_relaxed);
}

Journal::~Journal() { munmap(base_, capacity_bytes()); }

std::size_t Journal::record_bytes(const IncomingMessage& message) noexcept {
  return round_up(
      sizeof(RecordHeader) + message.topic.size() + message.payload.size() + kJournalPadding,
      kAlignment);
}

AppendResult Journal::append(const IncomingMessage& message) noexcept {
  appender_.assert_bound();
  assert(!input_closed());
  if (message.topic.size() > std::numeric_limits<std::uint16_t>::max() ||
      message.topic.size() + message.payload.size() > max_record_bytes_) {
    return AppendResult::kTooLarge;
  }
  const std::size_t size = record_bytes(message);
  // Room for one more header stays free, so that the way to the next segment can always be written.
  if (write_offset_ + size + sizeof(RecordHeader) > segment_bytes_ && !open_next_segment())
    return AppendResult::kFull;

  const RecordHeader header{.seq = next_seq_,
                            .received_us = message.received.time_since_epoch().count(),
                            .payload_bytes = static_cast<std::uint32_t>(message.payload.size()),
                            .topic_bytes = static_cast<std::uint16_t>(message.topic.size()),
                            .message_id = message.message_id,
                            .kind = RecordHeader::Kind::kRecord,
                            .qos = message.qos,
                            .retained = message.retained,
                            .duplicate = message.duplicate,
                            .reserved = 0};
  std::byte* place = at(write_segment_, write_offset_);
  std::memcpy(place, &header, sizeof header);
  place += sizeof header;
  std::copy_n(reinterpret_cast<const std::byte*>(message.topic.data()), message.topic.size(),
              place);
  place += message.topic.size();
  std::copy_n(reinterpret_cast<const std::byte*>(message.payload.data()), message.payload.size(),
              place);
  write_offset_ += size;
  appended_.store(next_seq_++, std::memory_order_release);
  return AppendResult::kAppended;
}

bool Journal::open_next_segment() noexcept {
  reclaim();
  std::uint32_t next = 0;
  if (!recycled_.empty()) {
    next = recycled_.back();
    recycled_.pop_back();
  } else if (untouched_ < segment_count_) {
    next = untouched_++;
  } else {
    return false;
  }
  RecordHeader way{};
  way.kind = RecordHeader::Kind::kNextSegment;
  way.seq = next;
  std::memcpy(at(write_segment_, write_offset_), &way, sizeof way);
  full_segments_.push_back({write_segment_, next_seq_ - 1});
  write_segment_ = next;
  write_offset_ = 0;
  used_bytes_.store((full_segments_.size() + 1) * segment_bytes_, std::memory_order_relaxed);
  return true;
}

void Journal::reclaim() noexcept {
  const std::uint64_t released = std::min(released_.load(std::memory_order_acquire), acknowledged_);
  // Strictly behind: only a released record of a later segment proves that the reader has followed
  // the way out.
  const auto still_needed =
      std::find_if(full_segments_.begin(), full_segments_.end(),
                   [&](const InUse& used) { return used.last_seq >= released; });
  for (auto it = full_segments_.begin(); it != still_needed; ++it) recycled_.push_back(it->segment);
  full_segments_.erase(full_segments_.begin(), still_needed);
}

void Journal::acknowledge(std::uint64_t seq) noexcept {
  appender_.assert_bound();
  acknowledged_ = seq;
}

void Journal::ask_sync() noexcept {}

void Journal::close_input() noexcept {
  appender_.assert_bound();
  input_closed_.store(true, std::memory_order_release);  // pairs with the acquire in input_closed()
}

bool Journal::read(JournalRecord& record) noexcept {
  reader_.assert_bound();
  if (read_seq_ == appended_.load(std::memory_order_acquire)) return false;
  RecordHeader header;
  std::memcpy(&header, at(read_segment_, read_offset_), sizeof header);
  if (header.kind == RecordHeader::Kind::kNextSegment) {
    read_segment_ = static_cast<std::uint32_t>(header.seq);
    read_offset_ = 0;
    std::memcpy(&header, at(read_segment_, read_offset_), sizeof header);
  }
  assert(header.kind == RecordHeader::Kind::kRecord && header.seq == read_seq_ + 1);
  const char* const topic =
      reinterpret_cast<const char*>(at(read_segment_, read_offset_ + sizeof header));
  record.seq = header.seq;
  record.message = {.received = WallTime(std::chrono::microseconds(header.received_us)),
                    .topic = {topic, header.topic_bytes},
                    .payload = {topic + header.topic_bytes, header.payload_bytes},
                    .message_id = header.message_id,
                    .qos = header.qos,
                    .retained = header.retained,
                    .duplicate = header.duplicate};
  read_offset_ += record_bytes(record.message);
  read_seq_ = header.seq;
  fed_.store(read_seq_, std::memory_order_relaxed);
  return true;
}

void Journal::release(std::uint64_t seq) noexcept {
  assert(seq >= released_.load(std::memory_order_relaxed) && seq <= fed());
  released_.store(seq, std::memory_order_release);
}

std::uint64_t Journal::backlog() const noexcept {
  const std::uint64_t read = fed();
  const std::uint64_t last = appended();
  return last > read ? last - read : 0;
}

}  // namespace sluice
