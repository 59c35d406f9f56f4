#include "history.h"

#include <utility>

#include <gtest/gtest.h>

namespace sluice::test {

void History::appended(const std::string& journal, std::uint64_t seq, Arrival arrival) {
  Log& log = logs_[journal];
  EXPECT_EQ(seq, log.arrivals.size() + 1) << "numbers have no gaps";
  log.arrivals.push_back(std::move(arrival));
}

std::uint64_t History::next_of(const Log& log) {
  std::uint64_t next = log.committed + 1;
  while (log.gone.count(next) != 0) ++next;
  return next;
}

void History::land(const std::string& journal, std::uint64_t seq, WallTime now) {
  Log& log = logs_.at(journal);
  ASSERT_EQ(seq, next_of(log)) << "out of order in " << journal;
  log.committed = seq;
  landed_.push_back({.arrival = &log.arrivals[seq - 1], .applied = now});
}

void History::settle(const Positions& positions, WallTime now) {
  const auto committed = [&](const Place& place) {
    const auto found = positions.find(place.journal);
    return found != positions.end() && found->second >= place.seq;
  };
  while (!in_order_.empty() && committed(in_order_.front())) {
    const Place place = std::move(in_order_.front());
    in_order_.pop_front();
    ASSERT_NO_FATAL_FAILURE(land(place.journal, place.seq, now));
  }
  for (const auto& [journal, seq] : positions) {
    const auto log = logs_.find(journal);
    ASSERT_EQ(seq, log == logs_.end() ? 0 : log->second.committed)
        << "the database's position of " << journal
        << " is not where the messages that were processed before it end";
  }
}

void History::power_cut(const std::string& journal, Cut cut) {
  if (cuts_.count(journal) != 0) cut.exact = false;  // the second one since anybody has looked
  cuts_[journal] = cut;
}

void History::lose(const std::string& journal, Log& log, std::uint64_t seq) {
  if (!log.gone.insert(seq).second) return;
  ++lost_;
  const auto cut = cuts_.find(journal);
  ASSERT_NE(cut, cuts_.end()) << seq << " of " << journal << " is not recovered";
  ASSERT_GT(seq, cut->second.kept) << "what was synced is lost in " << journal;
  if (cut->second.exact) {
    ASSERT_GT(seq, cut->second.exactly) << "what lies before the tear is lost in " << journal;
  }
}

void History::recovered(const std::string& journal, const std::vector<RecoveredRun>& runs) {
  ASSERT_TRUE(logs_.count(journal) != 0) << "nobody has appended to " << journal;
  Log& log = logs_[journal];
  log.seen = true;
  const auto cut = cuts_.find(journal);
  std::uint64_t seq = log.committed + 1;
  for (const RecoveredRun& run : runs) {
    ASSERT_GE(run.first_seq, seq) << "written once more of " << journal;
    ASSERT_LE(run.last_seq, log.arrivals.size()) << "more than was appended to " << journal;
    for (; seq < run.first_seq; ++seq) ASSERT_NO_FATAL_FAILURE(lose(journal, log, seq));
    for (; seq <= run.last_seq; ++seq) {
      ASSERT_EQ(log.gone.count(seq), 0U)
          << "an earlier start did not find " << seq << " of " << journal;
    }
    if (cut != cuts_.end() && cut->second.exact) {
      ASSERT_LE(run.last_seq, cut->second.exactly) << "from behind the tear in " << journal;
    }
  }
  for (; seq <= log.arrivals.size(); ++seq) ASSERT_NO_FATAL_FAILURE(lose(journal, log, seq));
}

void History::recovery_done() {
  for (auto& [journal, log] : logs_) {
    if (!log.seen) {
      ASSERT_NO_FATAL_FAILURE(recovered(journal, {}));
    }
    log.seen = false;
  }
  cuts_.clear();
}

std::size_t History::missing() const {
  std::size_t missing = 0;
  for (const auto& [journal, log] : logs_) {
    for (std::uint64_t seq = log.committed + 1; seq <= log.arrivals.size(); ++seq)
      missing += 1 - log.gone.count(seq);
  }
  return missing;
}

}  // namespace sluice::test
