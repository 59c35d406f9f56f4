#include "app/liveness_watchdog.h"

#include <exception>

#include "base/timestamp_text.h"

namespace sluice {
namespace {

/// "5m", "1h 5m".
std::string spell(MonoTime::duration time) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time).count();
  if (minutes < 60) return fmt::format("{}m", minutes);
  return fmt::format("{}h {}m", minutes / 60, minutes % 60);
}

}  // namespace

LivenessWatchdog::LivenessWatchdog(std::vector<WatchedSource> sources, const Clock& clock,
                                   const WatchdogOptions& options)
    : clock_(clock), options_(options), next_scan_(clock.mono() + options.scan_every) {
  const MonoTime now = clock.mono();
  for (WatchedSource& source : sources) {
    Watched& watched = sources_.emplace_back();
    watched.source = std::move(source);
    watched.quiet_since = now;
  }
}

std::vector<WatchdogLine> LivenessWatchdog::step() {
  const MonoTime now = clock_.mono();
  const bool scanning = now >= next_scan_;
  if (scanning) {
    next_scan_ = now + options_.scan_every;
    last_tick_unix_ = epoch_seconds(clock_.wall());
  }
  std::vector<WatchdogLine> lines;
  for (Watched& watched : sources_) {
    try {
      look(watched, now);
      if (scanning) scan(watched, now, lines);
    } catch (const std::exception& error) {
      ++faults_;
      lines.push_back({LogLevel::kError, fmt::format("MQTT [{}] WATCHDOG: failed: {}",
                                                     watched.source.tag, error.what())});
    }
  }
  return lines;
}

void LivenessWatchdog::look(Watched& watched, MonoTime now) const {
  const SourceSigns signs = watched.source.look();
  if (signs.connects != watched.signs.connects || signs.connected != watched.signs.connected) {
    watched.received = false;
    watched.quiet_since = now;
  }
  if (signs.packets != watched.signs.packets) {
    watched.received = watched.ever_received = true;
    watched.quiet_since = now;
  }
  watched.signs = signs;
}

LivenessWatchdog::Alarm LivenessWatchdog::judge(const Watched& watched, MonoTime now) const {
  const auto quiet = now - watched.quiet_since;
  if (!watched.signs.connected)
    return quiet >= options_.without_broker ? Alarm::kWithoutBroker : Alarm::kNone;
  if (quiet < options_.silence) return Alarm::kNone;
  return watched.ever_received ? Alarm::kStalled : Alarm::kNeverReceived;
}

void LivenessWatchdog::raise(Watched& watched, Alarm alarm, MonoTime now,
                             std::vector<WatchdogLine>& lines) {
  const std::string& tag = watched.source.tag;
  const std::string quiet = spell(now - watched.quiet_since);
  const bool reconnect =
      alarm == Alarm::kStalled && (watched.reconnected_at == MonoTime::min() ||
                                   now - watched.reconnected_at >= options_.reconnect_at_most);
  if (watched.alarm == Alarm::kNone) watched.silent_since = watched.quiet_since;
  watched.alarm = alarm;
  watched.told_at = now;
  switch (alarm) {
    case Alarm::kStalled:
      lines.push_back(
          {LogLevel::kWarn, fmt::format("MQTT [{}] WATCHDOG: stalled: connected, but no message "
                                        "for {}{}",
                                        tag, quiet, reconnect ? "; reconnecting" : "")});
      break;
    case Alarm::kNeverReceived:
      lines.push_back({LogLevel::kWarn,
                       fmt::format("MQTT [{}] WATCHDOG: connected for {}, but no message has come; "
                                   "is the topic right?",
                                   tag, quiet)});
      break;
    case Alarm::kWithoutBroker:
      lines.push_back({LogLevel::kWarn, fmt::format("MQTT [{}] WATCHDOG: without a connection for "
                                                    "{}; trying again and again",
                                                    tag, quiet)});
      break;
    case Alarm::kNone:
      break;
  }
  if (!reconnect) return;
  watched.reconnected_at = now;
  watched.source.reconnect();
}

void LivenessWatchdog::scan(Watched& watched, MonoTime now, std::vector<WatchdogLine>& lines) {
  const Alarm alarm = judge(watched, now);
  if (alarm != Alarm::kNone) {
    if (alarm != watched.alarm || now - watched.told_at >= options_.remind_every)
      raise(watched, alarm, now, lines);
    return;
  }
  if (watched.alarm == Alarm::kNone || !watched.signs.connected || !watched.received) return;
  lines.push_back(
      {LogLevel::kInfo, fmt::format("MQTT [{}] WATCHDOG: recovered: messages again, after {}",
                                    watched.source.tag, spell(now - watched.silent_since))});
  watched.alarm = Alarm::kNone;
}

}  // namespace sluice
