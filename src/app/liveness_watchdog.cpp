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

std::chrono::milliseconds watchdog_jitter(std::string_view tag) noexcept {
  // FNV-1a, as the Go ingestor has it: both then come at the same moment.
  std::uint32_t hash = 2166136261U;
  for (const char byte : tag) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return std::chrono::milliseconds(hash % 60000U);
}

LivenessWatchdog::LivenessWatchdog(std::vector<WatchedSource> sources, const Clock& clock,
                                   const WatchdogOptions& options)
    : clock_(clock), options_(options), next_scan_(clock.mono() + options.scan_every) {
  const MonoTime now = clock.mono();
  for (WatchedSource& source : sources) {
    Watched& watched = sources_.emplace_back();
    watched.source = std::move(source);
    watched.jitter = watchdog_jitter(watched.source.tag);
    watched.quiet_since = MonoTime::max();
    watched.disconnected_since = now;
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
  const bool another = signs.connects != watched.signs.connects;
  if (another) {
    if (watched.received || watched.quiet_since == MonoTime::max()) watched.quiet_since = now;
    watched.received = false;
    watched.alarm = Alarm::kNone;
  }
  if (!signs.connected && (another || watched.signs.connected)) watched.disconnected_since = now;
  if (signs.packets != watched.signs.packets) {
    watched.received = watched.ever_received = true;
    watched.quiet_since = now;
  }
  watched.signs = signs;
}

LivenessWatchdog::Alarm LivenessWatchdog::judge(const Watched& watched, MonoTime now) const {
  if (!watched.signs.connected) {
    const bool long_gone =
        now - watched.disconnected_since > options_.without_broker + watched.jitter;
    return long_gone ? Alarm::kWithoutBroker : Alarm::kNone;
  }
  if (now - watched.quiet_since < options_.silence) return Alarm::kNone;
  return watched.ever_received ? Alarm::kStalled : Alarm::kNeverReceived;
}

/// Whether a new connection could help, and the last attempt is long enough ago: where it brought
/// nothing, as long as between two reminders.
bool LivenessWatchdog::may_push(const Watched& watched, Alarm alarm, MonoTime now) const {
  if (alarm == Alarm::kNone || alarm == Alarm::kNeverReceived) return false;
  if (watched.reconnected_at == MonoTime::min()) return true;
  const bool fresh = alarm == Alarm::kWithoutBroker || watched.received;
  return now - watched.reconnected_at >=
         (fresh ? options_.reconnect_at_most : options_.remind_every);
}

void LivenessWatchdog::raise(Watched& watched, Alarm alarm, MonoTime now,
                             std::vector<WatchdogLine>& lines) {
  const bool gone = alarm == Alarm::kWithoutBroker;
  const MonoTime since = gone ? watched.disconnected_since : watched.quiet_since;
  const bool push = may_push(watched, alarm, now);
  if (!watched.recovery_due) watched.silent_since = since;
  watched.recovery_due = true;
  watched.alarm = alarm;
  watched.told_at = now;
  const std::string time = spell(now - since);
  std::string text;
  if (alarm == Alarm::kStalled) {
    text = fmt::format("stalled: connected, but no message for {}", time);
  } else if (gone) {
    text = fmt::format("without a connection for {}", time);
  } else {
    text = fmt::format("connected, but no message has come for {}; is the topic right?", time);
  }
  lines.push_back({LogLevel::kWarn, fmt::format("MQTT [{}] WATCHDOG: {}{}", watched.source.tag,
                                                text, push ? "; reconnecting" : "")});
  if (!push) return;
  watched.reconnected_at = now;
  watched.source.reconnect();
}

void LivenessWatchdog::scan(Watched& watched, MonoTime now, std::vector<WatchdogLine>& lines) {
  const Alarm alarm = judge(watched, now);
  if (alarm != Alarm::kNone) {
    // What was told of last may be that a new connection brought nothing.
    const bool push_due = alarm == Alarm::kStalled && watched.reconnected_at != MonoTime::min() &&
                          now - watched.reconnected_at >= options_.remind_every;
    if (alarm != watched.alarm || push_due || now - watched.told_at >= options_.remind_every)
      raise(watched, alarm, now, lines);
    return;
  }
  if (!watched.signs.connected || !watched.received) return;
  watched.alarm = Alarm::kNone;
  if (!watched.recovery_due) return;
  watched.recovery_due = false;
  lines.push_back(
      {LogLevel::kInfo, fmt::format("MQTT [{}] WATCHDOG: recovered: messages again, after {}",
                                    watched.source.tag, spell(now - watched.silent_since))});
}

}  // namespace sluice
