#include "journal/journal_keeper.h"

#include <algorithm>

#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

// Whoever needs something says so; this is for a disk that has room again.
constexpr auto kLook = 500ms;

}  // namespace

JournalKeeper::JournalKeeper(const Clock& clock, Wakeup& wakeup)
    : clock_(clock), wakeup_(wakeup), next_look_(clock.mono()) {}

void JournalKeeper::add(Journal& journal) {
  journal.set_keeper(&wakeup_);
  journals_.push_back(&journal);
}

std::size_t JournalKeeper::poll() {
  std::size_t worked = 0;
  bool short_of_room = false;
  for (Journal* journal : journals_) {
    if (journal->tend()) ++worked;
    short_of_room = short_of_room || journal->short_of_room();
  }
  if (short_of_room != warned_of_room_) {
    warned_of_room_ = short_of_room;
    if (short_of_room) {
      log_warn("journal: the disk gives no more room; messages are kept in what there is of it");
    } else {
      log_info("journal: the disk has room again");
    }
  }
  next_look_ = clock_.mono() + kLook;
  return worked;
}

void JournalKeeper::stop() noexcept {
  stopped_.store(true, std::memory_order_relaxed);
  wakeup_.notify();
}

}  // namespace sluice
