#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/thread_check.h"
#include "base/wakeup.h"
#include "journal/journal_file.h"
#include "journal/record_format.h"
#include "journal/recovery.h"

namespace sluice {

struct JournalOptions {
  std::size_t max_bytes = std::size_t{256}
                          << 20U;  ///< bound of the backlog, padding and headers included
  std::size_t max_record_bytes = std::size_t{1}
                                 << 20U;              ///< topic and payload of one message together
  std::size_t segment_bytes = std::size_t{4} << 20U;  ///< raised to fit the largest record
  /// Disk space that is left to others, the database above all: bytes.
  std::uint64_t min_free_bytes = 0;
  /// For tests: a sync counts on a file system in main memory, too.
  bool trust_every_sync = false;
};

/// How many segments of which size these options come to.
[[nodiscard]] JournalGeometry geometry_for(const JournalOptions& options);

/// 16 random bytes.
[[nodiscard]] JournalUuid random_journal_uuid();

enum class AppendResult : std::uint8_t { kAppended, kFull, kTooLarge };

/// The receive buffer of one source: mapped segments with one appender, one reader behind it, one
/// releaser, and one keeper that does what may take time.
///
/// append() copies the bytes, publishes how far it got, and that is all a receive thread ever does;
/// it never waits. The reader follows at whatever distance the database allows. A segment is used
/// again when a record of the segment after it has been released: by then the reader has left it
/// for good. Recently used segments go first, so a quiet network touches few pages however large
/// the bound is.
///
/// What lies in a file survives the process, record by record; find_uncommitted() finds it again.
///
/// Full: append() says so and changes nothing. Empty: read() returns false.
/// Thread: append(), reader_waits(), acknowledge(), need_earlier(), close_input() bound(receive);
/// read(), has_news() bound(feed); release() bound(write); tend() bound(keeper); the rest any.
class Journal {
 public:
  /// In anonymous memory: ends with the process. Throws std::system_error.
  explicit Journal(const JournalOptions& options);
  /// In a file that was made with geometry_for(options).
  Journal(JournalFile file, const JournalOptions& options);
  /// What an earlier run has left: nothing is appended any more, and what is read are the records
  /// of the range, of which there is at least one.
  Journal(JournalFile file, const RecoveredRange& range);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  [[nodiscard]] AppendResult append(const IncomingMessage& message) noexcept;

  /// Nothing more will be appended.
  void close_input() noexcept;

  /// Every record up to `seq` is acknowledged where it came from: its place may be used again once
  /// it is released. A source that acknowledges begins with 0, one that doesn't never calls this.
  void acknowledge(std::uint64_t seq) noexcept;

  /// The source may be sent something again that it has sent already: then this journal is what
  /// that would be recognised by.
  [[nodiscard]] bool awaits_acknowledgement() const noexcept {
    return acknowledged_.load(std::memory_order_relaxed) < appended();
  }

  /// Whether the source may still be sent something again that an earlier start has received: then
  /// that start's file has to stay.
  void need_earlier(bool needed) noexcept {
    needs_earlier_.store(needed, std::memory_order_release);  // pairs with needs_earlier()
  }
  [[nodiscard]] bool needs_earlier() const noexcept {
    return needs_earlier_.load(std::memory_order_acquire);
  }

  /// The file was cut short, or its disk fails. Nothing more is appended, nothing is durable but
  /// what is committed, and what can't be read any more goes on as records without topic and
  /// payload, so that each message has its outcome.
  [[nodiscard]] bool failed() const noexcept { return file_.failed(); }
  /// So many have gone on like that.
  [[nodiscard]] std::uint64_t unreadable() const noexcept {
    return unreadable_.load(std::memory_order_relaxed);
  }

  /// The next record behind the last one read. Numbers without a record are passed over.
  [[nodiscard]] bool read(JournalRecord& record) noexcept;

  /// For the reader that has found nothing to read: whether there is something after all. Either
  /// way reader_waits() will say to the appender that somebody has looked.
  [[nodiscard]] bool has_news() noexcept;
  /// For the appender, after append(): true, once, if the reader has to be told. (Whoever closes
  /// the input tells it in any case.)
  [[nodiscard]] bool reader_waits() noexcept {
    appender_.assert_bound();
    return reader_waits_.load(std::memory_order_seq_cst) &&
           reader_waits_.exchange(false, std::memory_order_seq_cst);
  }

  /// All records up to `seq` have their outcome, and the database says so; nobody holds views of
  /// them any more.
  void release(std::uint64_t seq) noexcept;

  /// Keeps room ready for the appender, and carries out ask_sync(). Returns whether it did
  /// anything. Throws std::system_error when the disk refuses to sync: what it said to be durable
  /// before may not be.
  bool tend();
  /// Who calls tend() is notified through this. Before anything is appended.
  void set_keeper(Wakeup* wakeup) noexcept { keeper_ = wakeup; }

  /// Asks that everything appended so far be made durable soon, without waiting for it; durable()
  /// tells when. In memory, a file system there included, only a commit makes a record durable.
  void ask_sync() noexcept;

  /// The last record that outlives a power cut: committed, or on disk.
  [[nodiscard]] std::uint64_t durable() const noexcept;

  /// How often its file was synced. Thread: any.
  [[nodiscard]] std::uint64_t syncs() const noexcept {
    return syncs_.load(std::memory_order_relaxed);
  }

  /// Of what an earlier run has left: where its records lie, from the first to be read.
  [[nodiscard]] const std::vector<RecoveredRun>& runs() const noexcept { return runs_; }

  /// Names this journal in the database's position table: 32 lower-case hex digits, never used
  /// twice.
  [[nodiscard]] const std::string& uuid() const noexcept { return uuid_; }
  [[nodiscard]] JournalFile& file() noexcept { return file_; }
  [[nodiscard]] const JournalFile& file() const noexcept { return file_; }

  [[nodiscard]] std::uint64_t appended() const noexcept {
    return appended_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t fed() const noexcept { return fed_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t released() const noexcept {
    return released_.load(std::memory_order_acquire);
  }
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
  /// The disk gives no room for another segment: the last attempt failed.
  [[nodiscard]] bool short_of_room() const noexcept {
    return short_of_room_.load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] std::byte* at(std::uint32_t segment, std::size_t offset) const noexcept {
    return file_.segment(segment) + offset;
  }
  [[nodiscard]] bool open_next_segment() noexcept;
  void go_to_run(std::size_t run) noexcept;
  [[nodiscard]] bool find_record(journal_format::RecordHeader& header) noexcept;
  void begin_segment(std::uint32_t segment) noexcept;
  void reclaim() noexcept;

  // Constant after construction, but for the file's first page.
  JournalFile file_;
  const JournalUuid uuid_bytes_;
  const std::string uuid_;
  const std::size_t max_record_bytes_;
  const std::size_t segment_bytes_;
  const std::size_t segment_count_;
  const std::uint64_t min_free_bytes_;
  const bool syncs_count_;
  const std::vector<RecoveredRun> runs_;  // empty while things are appended
  Wakeup* keeper_ = nullptr;

  // The appender's.
  struct InUse {
    std::uint32_t segment;
    std::uint64_t last_seq;
  };
  ThreadCheck appender_;
  std::vector<InUse> full_segments_;     // oldest first, without the current one
  std::vector<std::uint32_t> recycled_;  // last in, first out: the warmest pages
  std::uint32_t write_segment_ = 0;
  std::size_t write_offset_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t seed_ = 0;
  std::uint64_t next_seq_ = 1;

  // The reader's.
  ThreadCheck reader_;
  std::uint32_t read_segment_ = 0;
  std::size_t read_offset_ = 0;
  std::uint64_t read_seq_ = 0;
  std::size_t read_run_ = 0;  // of runs_
  bool read_broken_ = false;  // the way to the next record is lost; until the next run, if any

  // The keeper's.
  ThreadCheck tender_;

  // Shared, one line each: every one but reader_waits_ has a single writer.
  alignas(64) std::atomic<std::uint64_t> appended_{
      0};  // appender (release, seq_cst for has_news()) → reader (acquire): the bytes are there
  std::atomic<std::uint64_t> used_bytes_{0};
  std::atomic<std::uint32_t> touched_{0};      // segments ever begun; appender → keeper, a hint
  std::atomic<std::uint64_t> sync_wanted_{0};  // appender → keeper
  // UINT64_MAX until the source says otherwise; read by others only when the appender has ended.
  std::atomic<std::uint64_t> acknowledged_{UINT64_MAX};
  std::atomic<bool> input_closed_{false};
  std::atomic<bool> needs_earlier_{false};
  alignas(64) std::atomic<bool> reader_waits_{false};  // reader sets, appender takes back
  alignas(64) std::atomic<std::uint64_t> fed_{0};  // reader (release) → backlog() (acquire): gaps_
  std::atomic<std::uint64_t> unreadable_{0};
  std::atomic<std::uint64_t> gaps_{0};  // numbers without a record that lie before the reader
  alignas(64) std::atomic<std::uint64_t> released_{
      0};  // writer (release) → appender (acquire): views are gone
  alignas(64) std::atomic<std::uint32_t> allocated_{
      0};  // keeper (release) → appender (acquire): the segments may be written
  std::atomic<std::uint64_t> synced_{0};  // keeper (release) → appender (acquire)
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<bool> short_of_room_{false};
};

}  // namespace sluice
