#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "journal/journal.h"
#include "write/window.h"
#include "write/window_transaction.h"

namespace sluice {

/// How far each source's journal is done, in memory and in the database. A journal is released up
/// to what the database says and no further: whatever it gives out after a crash joins up with what
/// is committed, without a hole and without a repeat.
///
/// Thread: bound(write).
class PositionKeeper {
 public:
  explicit PositionKeeper(const std::vector<Journal*>& journals);

  /// Where the journals stand once the window has its outcome: of those that move, what its
  /// transaction has to store.
  [[nodiscard]] const std::vector<JournalPosition>& with(const Window& window);

  /// The window has its outcome, but made no transaction: nothing of it is stored yet.
  void note_passed(const Window& window, MonoTime now);
  /// The window is committed, and its positions with it.
  void note_committed(const Window& window);
  /// Nobody holds views of a settled window any more: lets the journals go on.
  void release_stored();

  /// Whether a transaction for the positions alone is worth its fsync, if this window would only
  /// add to what is not stored yet.
  [[nodiscard]] bool is_due(const Window& window, MonoTime now) const noexcept;
  /// The window keeps so much of a source's journal from being released that it has to end.
  [[nodiscard]] bool presses(const Window& window, std::size_t source) const noexcept;
  [[nodiscard]] bool all_stored() const noexcept { return unstored_messages_ == 0; }
  /// When is_due() comes true by time alone; max() while all is stored.
  [[nodiscard]] MonoTime next_deadline() const noexcept;

 private:
  struct Source {
    Journal* journal;
    std::uint64_t done = 0;  // everything up to here has its outcome
    std::uint64_t stored = 0;
    std::uint64_t released = 0;
    std::uint64_t unstored_bytes = 0;
  };

  std::vector<Source> sources_;
  std::vector<JournalPosition> moves_;
  std::uint64_t unstored_messages_ = 0;
  MonoTime unstored_since_ = MonoTime::max();
};

}  // namespace sluice
