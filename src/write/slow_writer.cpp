#include "write/slow_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace sluice {
namespace {

constexpr std::size_t kMostQueryBytes = 200;

double milliseconds(MonoTime::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

std::string slow_writer_line(const TransactionTimes& times, std::int64_t packets) {
  const auto begin = times.locked - times.began;
  const auto rows = times.committing - times.locked;
  const auto commit = times.ended - times.committing;
  const auto longest = std::max({begin, rows, commit});
  const char* step = longest == commit ? "COMMIT" : longest == rows ? "rows" : "BEGIN IMMEDIATE";
  std::string query = fmt::format(
      "{} (window of {} packets: BEGIN IMMEDIATE {:.1f} ms, rows {:.1f} ms, COMMIT {:.1f} ms)",
      step, packets, milliseconds(begin), milliseconds(rows), milliseconds(commit));
  query.resize(std::min(query.size(), kMostQueryBytes));
  return fmt::format("[db-slow-writer] component=mqtt_handler duration={:.1f}ms query={}",
                     milliseconds(times.ended - times.began), query);
}

void SlowWriter::note(const TransactionTimes& times, std::int64_t packets) {
  if (times.ended - times.began < limit_) return;
  if (const std::uint64_t swallowed = lines_.take_suppressed(times.ended); swallowed > 0)
    log_warn("[db-slow-writer] … and {} more", swallowed);
  if (lines_.admit(times.ended)) log_warn("{}", slow_writer_line(times, packets));
}

}  // namespace sluice
