#include "write/window_transaction.h"

#include <algorithm>

#include "base/log.h"

namespace sluice {
namespace {

std::uint64_t elapsed_us(MonoTime from, MonoTime to) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

}  // namespace

WindowTransaction::WindowTransaction(Connection& connection, const WindowShape& shape,
                                     std::chrono::milliseconds slow, const Clock& clock,
                                     WriteMetrics& metrics)
    : connection_(connection),
      rows_(connection, shape.slots),
      bisection_(connection, rows_, shape),
      clock_(clock),
      metrics_(metrics),
      slow_writer_(slow),
      outcome_(shape.sources) {}

const WindowOutcome& WindowTransaction::apply(Window& window,
                                              const std::vector<JournalPosition>& positions) {
  TransactionTimes times{.began = clock_.mono(), .locked = {}, .committing = {}, .ended = {}};
  try {
    connection_.begin_immediate();
    times.locked = clock_.mono();
    if (commit_unclear_ && has_landed(positions)) {
      connection_.rollback();
      commit_unclear_ = false;
      log_warn("database: the COMMIT that was reported as failed had landed");
      return outcome_;
    }
    commit_unclear_ = false;
    write(window);
    for (const JournalPosition& position : positions)
      rows_.positions().store(position.journal, position.seq);
    times.committing = clock_.mono();
    commit_unclear_ = true;
    connection_.commit();
    commit_unclear_ = false;
  } catch (...) {
    connection_.rollback();
    // After a COMMIT that may or may not have landed, no row id is certain.
    if (commit_unclear_) rows_.forget();
    throw;
  }
  times.ended = clock_.mono();
  const std::uint64_t held_us = elapsed_us(times.began, times.ended);
  metrics_.lock_hold_us.record(held_us);
  if (window.has_rows()) metrics_.window_hold_us.record(held_us);
  metrics_.commit_us.record(elapsed_us(times.committing, times.ended));
  slow_writer_.note(times, window.packets());
  if (!bisected_) rows_.learn(window);
  return outcome_;
}

void WindowTransaction::write(Window& window) {
  bisected_ = false;
  outcome_.clear();
  rows_.notice_others();
  try {
    rows_.write(window, clock_.wall(), outcome_);
  } catch (const StoreError& error) {
    if (!rows_.is_rows_fault(error)) throw;
    bisected_ = true;
    bisection_.write(window.messages(), clock_.wall(), outcome_);
  }
}

bool WindowTransaction::has_landed(const std::vector<JournalPosition>& positions) {
  return std::all_of(positions.begin(), positions.end(), [&](const JournalPosition& position) {
    return rows_.positions().find(position.journal).value_or(0) >= position.seq;
  });
}

}  // namespace sluice
