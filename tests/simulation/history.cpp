#include "history.h"

#include <utility>

#include <gtest/gtest.h>

namespace sluice::test {

void History::appended(const std::string& journal, std::uint64_t seq, Arrival arrival) {
  Log& log = logs_[journal];
  EXPECT_EQ(seq, log.arrivals.size() + 1) << "numbers have no gaps";
  log.arrivals.push_back(std::move(arrival));
}

void History::land(const std::string& journal, std::uint64_t seq, WallTime now) {
  Log& log = logs_.at(journal);
  ASSERT_EQ(seq, log.committed + 1) << "out of order in " << journal;
  log.committed = seq;
  log.stored = seq;
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
    ASSERT_EQ(seq, log == logs_.end() ? 0 : log->second.stored)
        << "the database's position of " << journal
        << " is not where the messages that were processed before it end";
  }
}

void History::power_cut(const std::string& journal, Cut cut) {
  if (cuts_.count(journal) != 0) cut.exact = false;  // the second one since anybody has looked
  cuts_[journal] = cut;
}

void History::recovered(const std::string& journal, std::uint64_t first, std::uint64_t last) {
  ASSERT_TRUE(logs_.count(journal) != 0) << "nobody has appended to " << journal;
  Log& log = logs_[journal];
  log.seen = true;
  // What a power cut has torn between two segments, or a hole, ends the run at first; once
  // everything before it is committed, a later start finds what lies behind.
  const bool behind_a_hole = log.lost != 0 && last > log.arrivals.size() - log.lost;
  if (behind_a_hole) lost_ -= std::exchange(log.lost, 0);
  const std::uint64_t appended = log.arrivals.size() - log.lost;
  ASSERT_LE(last, appended) << "more than was appended to " << journal;
  const auto cut = cuts_.find(journal);
  if (cut == cuts_.end() && !behind_a_hole) {
    ASSERT_EQ(first, log.committed + 1) << journal;
    ASSERT_EQ(last, appended) << journal;
    return;
  }
  const Cut allowed = cut == cuts_.end() || behind_a_hole ? Cut{} : cut->second;
  if (allowed.exact) {
    ASSERT_EQ(first, log.committed + 1) << journal;
    ASSERT_EQ(last, allowed.exactly) << journal;
  }
  ASSERT_GE(last, allowed.kept) << "what was synced is lost in " << journal;
  if (allowed.kept > log.committed) {
    ASSERT_EQ(first, log.committed + 1) << journal;
  }
  // What lies before the run, or behind it, went with the power.
  lost_ += (first - log.committed - 1) + (appended - last);
  log.committed = first - 1;
  log.lost = log.arrivals.size() - last;
}

void History::recovery_done() {
  for (auto& [journal, log] : logs_) {
    const std::uint64_t appended = log.arrivals.size() - log.lost;
    if (!log.seen && log.committed < appended) {
      const auto cut = cuts_.find(journal);
      ASSERT_NE(cut, cuts_.end()) << appended - log.committed << " messages of " << journal
                                  << " are not recovered";
      ASSERT_LE(cut->second.kept, log.committed) << "what was synced is lost in " << journal;
      if (cut->second.exact) {
        ASSERT_LE(cut->second.exactly, log.committed) << journal;
      }
      lost_ += appended - log.committed;
      log.lost = log.arrivals.size() - log.committed;
    }
    log.seen = false;
  }
  cuts_.clear();
}

std::size_t History::missing() const {
  std::size_t missing = 0;
  for (const auto& [journal, log] : logs_)
    missing += log.arrivals.size() - log.lost - log.committed;
  return missing;
}

}  // namespace sluice::test
