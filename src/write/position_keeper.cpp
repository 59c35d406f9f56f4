#include "write/position_keeper.h"

#include <algorithm>

namespace sluice {
namespace {

using namespace std::chrono_literals;

// What is not stored is decoded and refused once more after a crash: this many take a few
// milliseconds.
constexpr std::uint64_t kMostUnstoredMessages = 4096;
// On a network of which nothing is wanted, an fsync in ten seconds is bearable, and no
// acknowledgement that waits for the position waits longer.
constexpr auto kLongestUnstored = 10s;
// Of a journal's capacity: what is not stored cannot be released, and must not fill it.
constexpr std::uint64_t kUnstoredPartOfJournal = 8;

}  // namespace

PositionKeeper::PositionKeeper(const std::vector<Journal*>& journals) {
  for (Journal* journal : journals) sources_.push_back({.journal = journal});
}

const std::vector<JournalPosition>& PositionKeeper::with(const Window& window) {
  moves_.clear();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const std::uint64_t done = std::max(sources_[i].done, window.tallies()[i].last_seq);
    if (done > sources_[i].stored)
      moves_.push_back({.journal = sources_[i].journal->uuid(), .seq = done});
  }
  return moves_;
}

void PositionKeeper::note_passed(const Window& window, MonoTime now) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    sources_[i].done = std::max(sources_[i].done, window.tallies()[i].last_seq);
    sources_[i].unstored_bytes += window.tallies()[i].bytes;
  }
  unstored_messages_ += window.messages().size();
  unstored_since_ = std::min(unstored_since_, now);
}

void PositionKeeper::note_committed(const Window& window) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    Source& source = sources_[i];
    source.done = std::max(source.done, window.tallies()[i].last_seq);
    source.unstored_bytes = 0;
    source.stored = source.done;
  }
  unstored_messages_ = 0;
  unstored_since_ = MonoTime::max();
}

void PositionKeeper::release_stored() {
  for (Source& source : sources_) {
    if (source.released == source.stored) continue;
    source.released = source.stored;
    source.journal->release(source.released);
  }
}

bool PositionKeeper::is_due(const Window& window, MonoTime now) const noexcept {
  if (unstored_messages_ + window.messages().size() >= kMostUnstoredMessages) return true;
  if (now >= next_deadline()) return true;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (presses(window, i)) return true;
  }
  return false;
}

bool PositionKeeper::presses(const Window& window, std::size_t source) const noexcept {
  const std::uint64_t bytes = sources_[source].unstored_bytes + window.tallies()[source].bytes;
  return bytes >= sources_[source].journal->capacity_bytes() / kUnstoredPartOfJournal;
}

MonoTime PositionKeeper::next_deadline() const noexcept {
  return unstored_since_ == MonoTime::max() ? unstored_since_ : unstored_since_ + kLongestUnstored;
}

}  // namespace sluice
