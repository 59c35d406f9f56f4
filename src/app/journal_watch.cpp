#include "app/journal_watch.h"

#include <algorithm>

#include <fmt/format.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kLinesEvery = 1s;
constexpr auto kRecent = 60s;

}  // namespace

JournalWatch::JournalWatch(const Pipeline& pipeline, const Clock& clock)
    : pipeline_(pipeline), clock_(clock) {}

std::vector<WatchdogLine> JournalWatch::step() {
  const MonoTime now = clock_.mono();
  const Ledger& ledger = pipeline_.metrics().ledger;
  sources_.resize(ledger.sources().size());
  std::uint64_t dropped = 0;
  bool losing = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    look(i, now);
    dropped += sources_[i].dropped;
    losing = losing || (sources_[i].full && sources_[i].dropped > 0);
  }
  std::vector<WatchdogLine> lines;
  const auto line = [&](LogLevel level, std::string_view more) {
    lines.push_back({level, fmt::format("[ingest-buffer] pending={} dropped_total={}{}",
                                        ledger.totals().in_flight, dropped, more)});
  };
  if (dropped > told_) {
    if (now < next_line_) return lines;
    line(LogLevel::kWarn, "");
    told_ = dropped;
    dropping_ = true;
    next_line_ = now + kLinesEvery;
  } else if (dropping_ && !losing) {
    line(LogLevel::kInfo, ": there is room again");
    dropping_ = false;
  }
  return lines;
}

void JournalWatch::look(std::size_t index, MonoTime now) {
  const auto& receive = pipeline_.metrics().ledger.sources()[index].receive;
  Source& source = sources_[index];
  const std::uint64_t dropped =
      receive.dropped[static_cast<std::size_t>(DropReason::kJournalFull)].value();
  const std::uint64_t refused = dropped + receive.left_with_broker.value();
  // Looked at last: what was appended behind the last refusal then counts at the next message.
  const std::uint64_t appended = pipeline_.journals()[index].appended();
  if (refused != source.refused) {
    if (!is_recent(source, now)) source.dropped_before = source.dropped;
    source.full = true;
    source.refused_at = now;
    source.appended = appended;
  } else if (appended != source.appended) {
    source.full = false;
  }
  source.dropped = dropped;
  source.refused = refused;
}

bool JournalWatch::is_recent(const Source& source, MonoTime now) const noexcept {
  return source.refused_at != MonoTime::min() && now - source.refused_at < kRecent;
}

std::vector<std::string> JournalWatch::reasons() const {
  const MonoTime now = clock_.mono();
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Source& source = sources_[i];
    const std::string& name = pipeline_.metrics().ledger.sources()[i].name;
    const std::uint64_t lost = source.dropped - source.dropped_before;
    if (source.full && lost == 0) {
      reasons.push_back(fmt::format("the journal of {} is full, its broker has to wait", name));
    } else if (source.full || (lost > 0 && is_recent(source, now))) {
      reasons.push_back(fmt::format("the journal of {} {} full, {} messages are lost", name,
                                    source.full ? "is" : "was", lost));
    }
    if (pipeline_.journals()[i].short_of_room())
      reasons.push_back(fmt::format("the disk has no more room for the journal of {}", name));
  }
  return reasons;
}

}  // namespace sluice
