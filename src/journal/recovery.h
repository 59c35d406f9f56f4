#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "journal/journal_file.h"

namespace sluice {

/// Whole records, one behind the other, in one segment.
struct RecoveredRun {
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::size_t segment = 0;
  std::size_t offset = 0;  ///< of the first record, in the segment
};

/// The whole records behind a committed position.
struct RecoveredRange {
  std::vector<RecoveredRun> runs;  ///< by number; none is empty
  /// Numbers behind the position and before the last record that are in no segment any more: their
  /// places were used again after a commit to a database that this one is an older copy of, or a
  /// power cut has kept them from the disk.
  std::uint64_t missing = 0;

  [[nodiscard]] std::uint64_t count() const noexcept;
};

/// Finds what an earlier run has received and not committed: in each segment all records up to the
/// first that is not whole, because it was being written when the process died, or because a power
/// cut has kept it from the disk. Reads every byte behind the position once, and finds the same
/// behind any later position.
///
/// What lies behind a gap is found as well. Segments are used again last in, first out, so a
/// journal that has once stretched keeps old segments, between which and the newest everything is
/// gone: to a restored copy of the database that gap is all that is lost.
[[nodiscard]] RecoveredRange find_uncommitted(const JournalFile& file, std::uint64_t committed);

/// Whether there is any whole record in the file.
[[nodiscard]] bool holds_records(const JournalFile& file);

/// Every whole record that the file still holds, segment by segment in the order of their numbers.
void for_each_record(const JournalFile& file,
                     const std::function<void(const JournalRecord&)>& visit);

}  // namespace sluice
