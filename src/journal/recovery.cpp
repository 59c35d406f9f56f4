#include "journal/recovery.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sluice {
namespace {

using journal_format::RecordHeader;
using journal_format::SegmentHeader;

struct Begun {
  std::size_t segment;
  std::uint64_t generation;
  std::uint64_t first_seq;
};

/// The segments with a header of this journal, in the order in which they were begun.
std::vector<Begun> begun_segments(const JournalFile& file) {
  std::vector<Begun> begun;
  for (std::size_t i = 0; i < file.geometry().segment_count; ++i) {
    SegmentHeader header{};
    if (!journal_format::verify_segment_header(file.segment_bytes(i), file.identity().uuid, header))
      continue;
    begun.push_back({.segment = i, .generation = header.generation, .first_seq = header.first_seq});
  }
  std::sort(begun.begin(), begun.end(),
            [](const Begun& a, const Begun& b) { return a.generation < b.generation; });
  return begun;
}

/// Walks over the whole records of one segment.
class SegmentWalk {
 public:
  SegmentWalk(const JournalFile& file, const Begun& begun)
      : bytes_(file.segment_bytes(begun.segment)),
        seed_(journal_format::seed_of(file.identity().uuid, begun.generation)),
        seq_(begun.first_seq) {}

  /// The next record, or nothing where the unbroken run ends.
  std::optional<JournalRecord> next() {
    RecordHeader header{};
    if (!journal_format::verify_record(bytes_.subspan(next_offset_), seed_, header))
      return std::nullopt;
    if (header.kind == RecordHeader::Kind::kNextSegment || header.seq != seq_) return std::nullopt;
    offset_ = next_offset_;
    ++seq_;
    next_offset_ = std::min(bytes_.size(), offset_ + journal_format::record_bytes(
                                                         header.topic_bytes, header.payload_bytes));
    return journal_format::record_at(bytes_.data() + offset_, header);
  }

  /// Of the last record.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t seed_;
  std::uint64_t seq_;
  std::size_t offset_ = 0;
  std::size_t next_offset_ = sizeof(SegmentHeader);
};

}  // namespace

std::uint64_t RecoveredRange::count() const noexcept {
  std::uint64_t count = 0;
  for (const RecoveredRun& run : runs) count += run.last_seq + 1 - run.first_seq;
  return count;
}

RecoveredRange find_uncommitted(const JournalFile& file, std::uint64_t committed) {
  RecoveredRange range;
  const std::vector<Begun> begun = begun_segments(file);
  // The first segment that can hold a record behind the position: the one before the first that
  // begins behind it.
  auto from = std::find_if(begun.begin(), begun.end(),
                           [&](const Begun& segment) { return segment.first_seq > committed + 1; });
  if (from != begun.begin()) --from;
  std::uint64_t last = committed;
  for (; from != begun.end(); ++from) {
    SegmentWalk walk(file, *from);
    RecoveredRun run{.segment = from->segment};
    while (const auto record = walk.next()) {
      if (record->seq <= last) continue;
      if (run.first_seq == 0) {
        run.first_seq = record->seq;
        run.offset = walk.offset();
        range.missing += record->seq - last - 1;
      }
      last = run.last_seq = record->seq;
    }
    if (run.first_seq != 0) range.runs.push_back(run);
  }
  return range;
}

bool holds_records(const JournalFile& file) {
  const std::vector<Begun> begun = begun_segments(file);
  return std::any_of(begun.begin(), begun.end(), [&](const Begun& segment) {
    return SegmentWalk(file, segment).next().has_value();
  });
}

void for_each_record(const JournalFile& file,
                     const std::function<void(const JournalRecord&)>& visit) {
  for (const Begun& segment : begun_segments(file)) {
    SegmentWalk walk(file, segment);
    while (const auto record = walk.next()) visit(*record);
  }
}

}  // namespace sluice
