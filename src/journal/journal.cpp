#include "journal/journal.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <random>

#include "base/hex.h"

namespace sluice {
namespace {

using journal_format::RecordHeader;
using journal_format::SegmentHeader;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMinSegments = 3;  // one being written, one being read, one between them
// At 75,000 messages a second a segment of 4 MiB lasts a tenth of a second, and the keeper needs a
// few milliseconds to make one.
constexpr std::uint32_t kSpareSegments = 3;
// An empty text with the bytes behind it that a parser may look at.
constexpr char kZeros[kJournalPadding]{};
constexpr std::string_view kNothing = std::string_view(kZeros, sizeof kZeros).substr(0, 0);

}  // namespace

JournalGeometry geometry_for(const JournalOptions& options) {
  const std::size_t largest = sizeof(SegmentHeader) +
                              journal_format::record_bytes(0, options.max_record_bytes) +
                              sizeof(RecordHeader);
  const std::size_t wanted = std::max(options.segment_bytes, largest);
  const std::size_t segment_bytes = (wanted + kPage - 1) / kPage * kPage;
  return {.segment_bytes = segment_bytes,
          .segment_count = std::max(kMinSegments, options.max_bytes / segment_bytes)};
}

JournalUuid random_journal_uuid() {
  std::random_device device;
  JournalUuid uuid{};
  for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(device());
  return uuid;
}

Journal::Journal(const JournalOptions& options)
    : Journal(JournalFile::in_memory(geometry_for(options)), options) {}

Journal::Journal(JournalFile file, const JournalOptions& options)
    : file_(std::move(file)),
      uuid_bytes_(file_.persistent() ? file_.identity().uuid : random_journal_uuid()),
      uuid_(to_lower_hex(uuid_bytes_)),
      max_record_bytes_(options.max_record_bytes),
      segment_bytes_(file_.geometry().segment_bytes),
      segment_count_(file_.geometry().segment_count),
      min_free_bytes_(options.min_free_bytes),
      syncs_count_(file_.survives_power_cut() || (file_.persistent() && options.trust_every_sync)) {
  recycled_.reserve(segment_count_);  // append() must not allocate later
  full_segments_.reserve(segment_count_);
  allocated_.store(file_.persistent() ? 1 : static_cast<std::uint32_t>(segment_count_),
                   std::memory_order_relaxed);
  touched_.store(1, std::memory_order_relaxed);
  begin_segment(0);
  read_offset_ = write_offset_;
}

Journal::Journal(JournalFile file, const RecoveredRange& range)
    : file_(std::move(file)),
      uuid_bytes_(file_.identity().uuid),
      uuid_(to_lower_hex(uuid_bytes_)),
      max_record_bytes_(0),
      segment_bytes_(file_.geometry().segment_bytes),
      segment_count_(file_.geometry().segment_count),
      min_free_bytes_(0),
      syncs_count_(false),
      runs_(range.runs),
      next_seq_(range.runs.back().last_seq + 1) {
  go_to_run(0);
  const std::uint64_t last = next_seq_ - 1;
  appended_.store(last, std::memory_order_relaxed);
  fed_.store(read_seq_, std::memory_order_relaxed);
  gaps_.store(last - read_seq_ - range.count(), std::memory_order_relaxed);
  released_.store(read_seq_, std::memory_order_relaxed);
  synced_.store(last, std::memory_order_relaxed);
  allocated_.store(static_cast<std::uint32_t>(segment_count_), std::memory_order_relaxed);
  used_bytes_.store(capacity_bytes(), std::memory_order_relaxed);
  input_closed_.store(true, std::memory_order_relaxed);
}

void Journal::go_to_run(std::size_t run) noexcept {
  read_run_ = run;
  read_segment_ = static_cast<std::uint32_t>(runs_[run].segment);
  read_offset_ = runs_[run].offset;
  read_seq_ = runs_[run].first_seq - 1;
  read_broken_ = false;
}

AppendResult Journal::append(const IncomingMessage& message) noexcept {
  appender_.assert_bound();
  assert(!input_closed());
  if (message.topic.size() > std::numeric_limits<std::uint16_t>::max() ||
      message.topic.size() + message.payload.size() > max_record_bytes_) {
    return AppendResult::kTooLarge;
  }
  if (file_.failed()) return AppendResult::kFull;
  const std::size_t size =
      journal_format::record_bytes(message.topic.size(), message.payload.size());
  // Room for one more header stays free, so that the way to the next segment can always be written.
  if (write_offset_ + size + sizeof(RecordHeader) > segment_bytes_ && !open_next_segment())
    return AppendResult::kFull;
  journal_format::write_record(at(write_segment_, write_offset_), seed_, next_seq_, message);
  write_offset_ += size;
  appended_.store(next_seq_++, std::memory_order_seq_cst);  // see has_news()
  return AppendResult::kAppended;
}

bool Journal::open_next_segment() noexcept {
  reclaim();
  std::uint32_t next = touched_.load(std::memory_order_relaxed);
  if (!recycled_.empty()) {
    next = recycled_.back();
    recycled_.pop_back();
  } else if (next < allocated_.load(std::memory_order_acquire)) {
    touched_.store(next + 1, std::memory_order_relaxed);
    if (keeper_ != nullptr) keeper_->notify();
  } else {
    return false;
  }
  journal_format::write_next_segment(at(write_segment_, write_offset_), seed_, next);
  full_segments_.push_back({write_segment_, next_seq_ - 1});
  begin_segment(next);
  return true;
}

void Journal::begin_segment(std::uint32_t segment) noexcept {
  ++generation_;
  seed_ = journal_format::seed_of(uuid_bytes_, generation_);
  journal_format::write_segment_header(at(segment, 0), seed_, generation_, next_seq_);
  write_segment_ = segment;
  write_offset_ = sizeof(SegmentHeader);
  used_bytes_.store((full_segments_.size() + 1) * segment_bytes_, std::memory_order_relaxed);
}

void Journal::reclaim() noexcept {
  const std::uint64_t done = std::min(released(), acknowledged_.load(std::memory_order_relaxed));
  // Strictly behind: only a released record of a later segment proves that the reader has followed
  // the way out.
  const auto still_needed = std::find_if(full_segments_.begin(), full_segments_.end(),
                                         [&](const InUse& used) { return used.last_seq >= done; });
  for (auto it = full_segments_.begin(); it != still_needed; ++it) recycled_.push_back(it->segment);
  full_segments_.erase(full_segments_.begin(), still_needed);
}

void Journal::acknowledge(std::uint64_t seq) noexcept {
  appender_.assert_bound();
  acknowledged_.store(seq, std::memory_order_relaxed);
}

void Journal::close_input() noexcept {
  appender_.assert_bound();
  input_closed_.store(true, std::memory_order_release);  // pairs with the acquire in input_closed()
}

bool Journal::read(JournalRecord& record) noexcept {
  reader_.assert_bound();
  if (read_seq_ == appended_.load(std::memory_order_acquire)) return false;
  if (!runs_.empty() && read_seq_ == runs_[read_run_].last_seq) {
    const std::uint64_t left = read_seq_;
    go_to_run(read_run_ + 1);
    gaps_.store(gaps_.load(std::memory_order_relaxed) - (read_seq_ - left),
                std::memory_order_relaxed);
  }
  RecordHeader header;
  if (find_record(header)) {
    record = journal_format::record_at(at(read_segment_, read_offset_), header);
    read_offset_ += journal_format::record_bytes(header.topic_bytes, header.payload_bytes);
  } else {
    read_broken_ = true;
    file_.give_up();
    record = {.seq = read_seq_ + 1,
              .message = {.received = {}, .topic = kNothing, .payload = kNothing}};
    unreadable_.store(unreadable() + 1, std::memory_order_relaxed);
  }
  read_seq_ = record.seq;
  fed_.store(read_seq_, std::memory_order_release);
  return true;
}

/// False when there is something else than what was written. Its header is enough: a body that has
/// turned into zeros is no message to anybody.
bool Journal::find_record(RecordHeader& header) noexcept {
  if (read_broken_) return false;
  header = journal_format::read_header(at(read_segment_, read_offset_));
  if (header.kind == RecordHeader::Kind::kNextSegment && header.seq < segment_count_) {
    read_segment_ = static_cast<std::uint32_t>(header.seq);
    read_offset_ = sizeof(SegmentHeader);
    header = journal_format::read_header(at(read_segment_, read_offset_));
  }
  return header.kind == RecordHeader::Kind::kRecord && header.seq == read_seq_ + 1 &&
         read_offset_ + journal_format::record_bytes(header.topic_bytes, header.payload_bytes) <=
             segment_bytes_;
}

void Journal::release(std::uint64_t seq) noexcept {
  assert(seq >= released_.load(std::memory_order_relaxed) && seq <= fed());
  released_.store(seq, std::memory_order_release);
}

bool Journal::has_news() noexcept {
  reader_.assert_bound();
  // seq_cst, as in append() and reader_waits(): either the appender sees that somebody waits, or
  // this sees its record.
  reader_waits_.store(true, std::memory_order_seq_cst);
  const std::uint64_t last = appended_.load(std::memory_order_seq_cst);
  return last > fed_.load(std::memory_order_relaxed) + gaps_.load(std::memory_order_relaxed);
}

bool Journal::tend() {
  tender_.assert_bound();
  if (!file_.persistent() || file_.failed()) return false;
  bool worked = false;
  const std::uint32_t allocated = allocated_.load(std::memory_order_relaxed);
  const std::uint32_t wanted = std::min(static_cast<std::uint32_t>(segment_count_),
                                        touched_.load(std::memory_order_relaxed) + kSpareSegments);
  if (!input_closed() && allocated < wanted) {
    const bool made = file_.allocate(allocated + 1, min_free_bytes_);
    if (made) allocated_.store(allocated + 1, std::memory_order_release);
    short_of_room_.store(!made, std::memory_order_relaxed);
    worked = made;
  }
  const std::uint64_t asked = sync_wanted_.load(std::memory_order_acquire);
  if (asked > synced_.load(std::memory_order_relaxed)) {
    std::uint64_t covered = asked;
    if (asked > released()) {  // else a commit was faster
      covered = appended();    // before the sync: what comes later may miss it
      file_.sync();
      syncs_.fetch_add(1, std::memory_order_relaxed);
    }
    synced_.store(covered, std::memory_order_release);
    worked = true;
  }
  return worked;
}

void Journal::ask_sync() noexcept {
  if (!syncs_count_) return;
  sync_wanted_.store(appended(), std::memory_order_release);
  if (keeper_ != nullptr) keeper_->notify();
}

std::uint64_t Journal::durable() const noexcept {
  if (file_.failed()) return released();
  return std::max(released(), synced_.load(std::memory_order_acquire));
}

std::uint64_t Journal::backlog() const noexcept {
  // In this order: a gap that is counted too late would make it less than nothing.
  const std::uint64_t read = fed_.load(std::memory_order_acquire);
  const std::uint64_t passed = read + gaps_.load(std::memory_order_relaxed);
  const std::uint64_t last = appended();
  return last > passed ? last - passed : 0;
}

}  // namespace sluice
