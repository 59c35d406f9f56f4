#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "journal/journal_file.h"

namespace sluice {

/// The unbroken run of whole records behind a committed position.
struct RecoveredRange {
  std::uint64_t first_seq = 0;  ///< of the first record to be fed
  std::uint64_t last_seq = 0;   ///< first_seq - 1 when there is nothing
  std::size_t segment = 0;      ///< where the first record lies …
  std::size_t offset = 0;       ///< … in that segment
  /// Records between the position and first_seq that are in no segment any more: their places were
  /// used again after a commit to a database that this one is an older copy of, or a power cut has
  /// kept them from the disk.
  std::uint64_t missing = 0;

  [[nodiscard]] std::uint64_t count() const noexcept { return last_seq + 1 - first_seq; }
};

/// Finds what an earlier run has received and not committed. Stops at the first record that is not
/// the next one, or not whole: a record that was being written when the process died, or one that a
/// power cut has kept from the disk. Reads every byte behind the position once.
[[nodiscard]] RecoveredRange find_uncommitted(const JournalFile& file, std::uint64_t committed);

/// Whether there is any whole record in the file.
[[nodiscard]] bool holds_records(const JournalFile& file);

/// Every whole record that the file still holds, segment by segment in the order of their numbers.
void for_each_record(const JournalFile& file,
                     const std::function<void(const JournalRecord&)>& visit);

}  // namespace sluice
