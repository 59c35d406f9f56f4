#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace sluice {

/// What the watchdog can see of a source.
struct SourceSigns {
  bool connected = false;
  std::uint64_t connects = 0;
  std::uint64_t packets = 0;
};

/// A source to watch. Both functions are called from step() only.
struct WatchedSource {
  std::string tag;
  std::function<SourceSigns()> look;
  std::function<void()> reconnect;  ///< returns at once; the source does it on its own thread
};

struct WatchdogOptions {
  std::chrono::seconds scan_every{60};
  std::chrono::seconds silence{300};           ///< after which a connected source is suspicious
  std::chrono::seconds remind_every{3600};     ///< while it stays so
  std::chrono::seconds reconnect_at_most{60};  ///< one in this time for each source
  /// After which a lost connection is suspicious; plus watchdog_jitter(), so that many sources
  /// behind one broker don't all come at once.
  std::chrono::seconds without_broker{5 * 300};
};

struct WatchdogLine {
  LogLevel level;
  std::string text;
};

/// Less than a minute, always the same for a source.
[[nodiscard]] std::chrono::milliseconds watchdog_jitter(std::string_view tag) noexcept;

/// Notices sources that are connected and yet silent, which no time-out does: a broker may answer
/// pings for ever and deliver nothing (contract 7.2). A stalled source is made to reconnect, again
/// with each reminder; one that has never received anything only gets lines, since a new connection
/// would not be any different. A lost connection is repaired by the source itself, so it takes long
/// before it gets a line and a push here.
///
/// Silence is measured on the monotonic clock, from the last message. A new connection gets the
/// same time once more, but only if the one before it has brought a message: a source that is
/// thrown out every few minutes is silent all the same. The first counts from when the broker first
/// accepted it (deviation D18: before that there is no connection), and then goes on. Each
/// connection has an alarm of its own; that messages come again is told if any alarm was.
///
/// Thread: main.
class LivenessWatchdog {
 public:
  LivenessWatchdog(std::vector<WatchedSource> sources, const Clock& clock,
                   const WatchdogOptions& options = {});

  /// Looks at the sources, and every `scan_every` judges them. Returns what is to be logged; each
  /// line has the word WATCHDOG.
  [[nodiscard]] std::vector<WatchdogLine> step();

  /// When the sources were last judged, seconds since the epoch; 0 = not yet.
  [[nodiscard]] std::int64_t last_tick_unix() const noexcept { return last_tick_unix_; }
  /// Sources whose judgement failed with an exception.
  [[nodiscard]] std::uint64_t faults() const noexcept { return faults_; }

 private:
  enum class Alarm : std::uint8_t { kNone, kNeverReceived, kStalled, kWithoutBroker };

  struct Watched {
    WatchedSource source;
    SourceSigns signs;
    std::chrono::milliseconds jitter{0};
    bool received = false;       // since this connection was made
    bool ever_received = false;  // since the start
    MonoTime quiet_since;        // see above; max() before the first connection
    MonoTime disconnected_since;
    Alarm alarm = Alarm::kNone;  // of this connection, or of its absence
    MonoTime told_at;
    bool recovery_due = false;  // an alarm was told, and no message has come since
    MonoTime silent_since;      // as the first of these alarms found it
    MonoTime reconnected_at = MonoTime::min();
  };

  void look(Watched& watched, MonoTime now) const;
  [[nodiscard]] Alarm judge(const Watched& watched, MonoTime now) const;
  [[nodiscard]] bool may_push(const Watched& watched, Alarm alarm, MonoTime now) const;
  void raise(Watched& watched, Alarm alarm, MonoTime now, std::vector<WatchdogLine>& lines);
  void scan(Watched& watched, MonoTime now, std::vector<WatchdogLine>& lines);

  const Clock& clock_;
  const WatchdogOptions options_;
  std::vector<Watched> sources_;
  MonoTime next_scan_;
  std::int64_t last_tick_unix_ = 0;
  std::uint64_t faults_ = 0;
};

}  // namespace sluice
