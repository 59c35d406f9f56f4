#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/thread_check.h"

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

struct JournalOptions {
  std::size_t max_bytes = std::size_t{256}
                          << 20U;  ///< bound of the backlog, padding and headers included
  std::size_t max_record_bytes = std::size_t{1}
                                 << 20U;              ///< topic and payload of one message together
  std::size_t segment_bytes = std::size_t{4} << 20U;  ///< raised to fit the largest record
};

enum class AppendResult : std::uint8_t { kAppended, kFull, kTooLarge };

/// The receive buffer of one source: mapped segments with one appender, one reader behind it, and
/// one releaser.
///
/// append() copies the bytes, publishes how far it got, and that is all a receive thread ever does;
/// it never waits. The reader follows at whatever distance the database allows. A segment is used
/// again when a record of the segment after it has been released: by then the reader has left it
/// for good. Recently used segments go first, so a quiet network touches few pages however large
/// the bound is.
///
/// This version keeps the segments in anonymous memory: they end with the process.
///
/// Full: append() says so and changes nothing. Empty: read() returns false.
/// Thread: append(), acknowledge(), close_input() bound(receive); read() bound(feed); release()
/// bound(write); the rest any.
class Journal {
 public:
  /// Reserves address space; pages come as they are first written. Throws std::system_error.
  explicit Journal(const JournalOptions& options);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  [[nodiscard]] AppendResult append(const IncomingMessage& message) noexcept;

  /// Nothing more will be appended.
  void close_input() noexcept;

  /// The next record behind the last one read.
  [[nodiscard]] bool read(JournalRecord& record) noexcept;

  /// All records up to `seq` have their outcome; nobody holds views of them any more.
  void release(std::uint64_t seq) noexcept;

  /// Every record up to `seq` is acknowledged where it came from: its place may be used again once
  /// it is released. A source that acknowledges nothing never calls this.
  void acknowledge(std::uint64_t seq) noexcept;

  /// Names this journal in the database's position table: 32 lower-case hex digits, never used
  /// twice.
  [[nodiscard]] const std::string& uuid() const noexcept { return uuid_; }

  /// Asks that everything appended so far be made durable soon, without waiting for it; durable()
  /// tells when. In anonymous memory only a commit makes a record durable.
  void ask_sync() noexcept;

  /// The last record that outlives a power cut: committed, or on disk.
  [[nodiscard]] std::uint64_t durable() const noexcept {
    return released_.load(std::memory_order_acquire);
  }

  [[nodiscard]] std::uint64_t appended() const noexcept {
    return appended_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t fed() const noexcept { return fed_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t backlog() const noexcept;
  [[nodiscard]] bool input_closed() const noexcept {
    return input_closed_.load(std::memory_order_acquire);
  }

  /// Bytes of segments that hold records which are not released yet (or were not when the appender
  /// last looked).
  [[nodiscard]] std::uint64_t used_bytes() const noexcept {
    return used_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t capacity_bytes() const noexcept {
    return segment_count_ * segment_bytes_;
  }

 private:
  struct RecordHeader;

  [[nodiscard]] std::byte* at(std::uint32_t segment, std::size_t offset) const noexcept {
    return base_ + segment * segment_bytes_ + offset;
  }
  [[nodiscard]] static std::size_t record_bytes(const IncomingMessage& message) noexcept;
  [[nodiscard]] bool open_next_segment() noexcept;
  void reclaim() noexcept;

  // Constant after construction.
  const std::string uuid_;
  std::size_t max_record_bytes_;
  std::size_t segment_bytes_;
  std::size_t segment_count_;
  std::byte* base_ = nullptr;

  // The appender's.
  struct InUse {
    std::uint32_t segment;
    std::uint64_t last_seq;
  };
  ThreadCheck appender_;
  std::vector<InUse> full_segments_;     // oldest first, without the current one
  std::vector<std::uint32_t> recycled_;  // last in, first out: the warmest pages
  std::uint32_t untouched_ = 0;          // segments from here on have never been written
  std::uint32_t write_segment_ = 0;
  std::size_t write_offset_ = 0;
  std::uint64_t next_seq_ = 1;
  std::uint64_t acknowledged_ = UINT64_MAX;  // until the source says otherwise

  // The reader's.
  ThreadCheck reader_;
  std::uint32_t read_segment_ = 0;
  std::size_t read_offset_ = 0;
  std::uint64_t read_seq_ = 0;

  // Shared, one line each: every one has a single writer.
  alignas(64) std::atomic<std::uint64_t> appended_{
      0};  // appender (release) → reader (acquire): the bytes are there
  std::atomic<std::uint64_t> used_bytes_{0};
  std::atomic<bool> input_closed_{false};
  alignas(64) std::atomic<std::uint64_t> fed_{0};  // reader → anyone's metrics
  alignas(64) std::atomic<std::uint64_t> released_{
      0};  // writer (release) → appender (acquire): views are gone
};

}  // namespace sluice
