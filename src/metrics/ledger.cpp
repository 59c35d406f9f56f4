#include "metrics/ledger.h"

#include <iterator>
#include <numeric>

#include <fmt/format.h>

namespace sluice {
namespace {

template <typename Reason, typename Counts>
void append_reasons(std::string& line, const Counts& counts) {
  bool first = true;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    fmt::format_to(std::back_inserter(line), "{}{}={}", first ? " (" : " ",
                   to_string(static_cast<Reason>(i)), counts[i]);
    first = false;
  }
  if (!first) line += ')';
}

}  // namespace

std::uint64_t LedgerTotals::rejected_total() const noexcept {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::uint64_t LedgerTotals::dropped_total() const noexcept {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

std::int64_t LedgerTotals::imbalance() const noexcept {
  return static_cast<std::int64_t>(received + recovered) -
         static_cast<std::int64_t>(committed + merged + rejected_total() + dropped_total() +
                                   in_flight);
}

LedgerTotals& LedgerTotals::operator+=(const LedgerTotals& other) noexcept {
  received += other.received;
  recovered += other.recovered;
  committed += other.committed;
  merged += other.merged;
  in_flight += other.in_flight;
  for (std::size_t i = 0; i < rejected.size(); ++i) rejected[i] += other.rejected[i];
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += other.dropped[i];
  return *this;
}

LedgerTotals totals_of(const SourceLedger& source) {
  LedgerTotals totals;
  totals.received = source.receive.received.value();
  totals.recovered = source.receive.recovered.value();
  totals.committed = source.write.committed.value();
  totals.merged = source.write.merged.value();
  for (std::size_t i = 0; i < totals.rejected.size(); ++i)
    totals.rejected[i] = source.write.rejected[i].value();
  for (std::size_t i = 0; i < totals.dropped.size(); ++i)
    totals.dropped[i] = source.receive.dropped[i].value();
  const std::int64_t in_batches = source.in_batches.load(std::memory_order_relaxed);
  totals.in_flight =
      source.journal_backlog() + static_cast<std::uint64_t>(in_batches > 0 ? in_batches : 0);
  return totals;
}

LedgerTotals Ledger::totals() const {
  LedgerTotals sum;
  for (const SourceLedger& source : sources_) sum += totals_of(source);
  return sum;
}

std::string to_line(const LedgerTotals& totals) {
  std::string line = fmt::format("received={}", totals.received);
  if (totals.recovered != 0)
    fmt::format_to(std::back_inserter(line), " recovered={}", totals.recovered);
  fmt::format_to(std::back_inserter(line), " committed={} merged={} rejected={}", totals.committed,
                 totals.merged, totals.rejected_total());
  append_reasons<RejectReason>(line, totals.rejected);
  fmt::format_to(std::back_inserter(line), " dropped={}", totals.dropped_total());
  append_reasons<DropReason>(line, totals.dropped);
  fmt::format_to(std::back_inserter(line), " in_flight={}", totals.in_flight);
  return line;
}

}  // namespace sluice
