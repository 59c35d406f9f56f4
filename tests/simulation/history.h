#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "journal/recovery.h"
#include "support/messages.h"

namespace sluice::test {

/// One message that a journal has taken.
struct Arrival {
  Message message;
  WallTime received;
};

/// A message that is in the database, and what the clock showed when it got there.
struct Landed {
  const Arrival* arrival;
  WallTime applied;
};

/// How far each journal is committed, by uuid: what the database says.
using Positions = std::map<std::string, std::uint64_t>;

/// What the simulation knows of the messages, without asking the pipeline what it thinks: who has
/// appended what, in which order dedup has seen it, and what of it the database holds. Reports what
/// can't be as a failure of the test.
class History {
 public:
  void appended(const std::string& journal, std::uint64_t seq, Arrival arrival);
  /// Dedup has put this one behind all others of this life.
  void processed(const std::string& journal, std::uint64_t seq) {
    in_order_.push_back({journal, seq});
  }
  /// The database's positions at a moment at which the wall clock shows `now`: what is new in them
  /// has just landed.
  void settle(const Positions& positions, WallTime now);

  /// A new process has looked at the journals: this is what it feeds of one of them. What is behind
  /// the position and not in it is lost, which a power cut excuses.
  void recovered(const std::string& journal, const std::vector<RecoveredRun>& runs);
  /// This one belongs to the new process itself.
  void begun(const std::string& journal) { logs_[journal].seen = true; }
  /// … and that was all: the other journals have nothing left.
  void recovery_done();

  /// The power has failed: of this journal only records up to `kept` need be there, and up to
  /// `exactly` (if not 0) they must be, and none behind it.
  struct Cut {
    std::uint64_t kept = 0;
    std::uint64_t exactly = 0;
    bool exact = false;
  };
  void power_cut(const std::string& journal, Cut cut);
  void life_ends() { in_order_.clear(); }

  /// In the order in which they were written.
  [[nodiscard]] const std::vector<Landed>& landed() const { return landed_; }
  [[nodiscard]] std::size_t lost() const { return lost_; }
  /// Appended, not lost, and not in the database.
  [[nodiscard]] std::size_t missing() const;

 private:
  struct Log {
    std::deque<Arrival> arrivals;  // by number, from 1
    std::uint64_t committed = 0;   // everything up to here is in the database, or gone
    std::set<std::uint64_t> gone;  // with the power
    bool seen = false;             // by the recovery that is going on
  };
  struct Place {
    std::string journal;
    std::uint64_t seq;
  };

  [[nodiscard]] static std::uint64_t next_of(const Log& log);
  void lose(const std::string& journal, Log& log, std::uint64_t seq);
  void land(const std::string& journal, std::uint64_t seq, WallTime now);

  std::map<std::string, Log> logs_;
  std::deque<Place> in_order_;
  std::vector<Landed> landed_;
  std::map<std::string, Cut> cuts_;
  std::size_t lost_ = 0;
};

}  // namespace sluice::test
