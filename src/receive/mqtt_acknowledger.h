#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

/// When PUBACKs may leave, and when reading has to stop for them (design 3, QoS 1).
///
/// The library queues a PUBACK before it hands over the message, and a flush sends everything that
/// is queued. So a flush is right exactly when everything read since the last one is durable, and
/// on a network that never pauses that moment has to be made: reading stops, the journal is asked
/// to sync, and when it has caught up the PUBACKs leave. Often enough a commit gets there first.
///
/// A broker that sends very few ahead would get so many through in each commit, and no more. It is
/// recognised by its going quiet at the most that it ever had unacknowledged here, and by its going
/// on as soon as the PUBACKs have left; from then on the moment is made at that number.
///
/// Pure logic: no socket, no library. Thread: bound(receive).
class MqttAcknowledger {
 public:
  struct Limits {
    /// Make the moment at so many PUBACKs: three quarters of what the broker sends ahead.
    std::size_t owed = 15;
    /// … or when the oldest has waited so long: a quarter of the keepalive, since pings wait along.
    std::chrono::milliseconds age{7500};
    /// … or when nothing more comes for `silence` though this many are owed: a broker that sends
    /// less ahead than we think is waiting for us. Longer than a window, so that on a network that
    /// just pauses the commit comes first and the journal need not be synced.
    std::size_t owed_when_quiet = 8;
    std::chrono::milliseconds silence{1500};
    /// A pause that tells a broker at its limit from one between two messages.
    std::chrono::milliseconds quiet{50};
  };

  enum class Step : std::uint8_t {
    kRead,   ///< go on reading; write only if nothing is owed
    kSync,   ///< stop reading and ask the journal to sync
    kWait,   ///< stay stopped
    kFlush,  ///< everything owed is durable: write, then call flushed(), and don't read in between
  };

  /// A new connection owes nothing.
  void begin_connection(const Limits& limits) noexcept;

  void set_limits(const Limits& limits) noexcept { limits_ = limits; }

  /// A QoS 1 message came whose PUBACK must wait until `seq` is durable; 0: it need not wait.
  void owe(std::uint64_t seq, MonoTime now) noexcept;

  [[nodiscard]] Step step(std::uint64_t durable, MonoTime now) noexcept;

  /// Everything queued has been written.
  void flushed(MonoTime now) noexcept;

  [[nodiscard]] bool owes() const noexcept { return owed_ > 0; }
  /// Reading has stopped for them.
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  /// Nobody else need be durable: a flush would be right now.
  [[nodiscard]] bool flushable(std::uint64_t durable) const noexcept { return durable >= needed_; }
  /// There are so many that reading should stop at once.
  [[nodiscard]] bool full() const noexcept { return owed_ >= limits_.owed; }
  /// The broker sends so few ahead that each message may be one that it waits for us to
  /// acknowledge.
  [[nodiscard]] bool knows_brokers_limit() const noexcept { return brokers_limit_ > 0; }
  /// How long to sleep at most before step() may say something new.
  [[nodiscard]] std::chrono::milliseconds patience(MonoTime now) const noexcept;

 private:
  [[nodiscard]] bool due(MonoTime now) const noexcept;
  void learn(MonoTime now) noexcept;
  [[nodiscard]] bool at_brokers_limit() const noexcept {
    return brokers_limit_ > 0 && owed_ >= brokers_limit_;
  }

  Limits limits_;
  std::size_t owed_ = 0;
  std::uint64_t needed_ = 0;  // durable up to here, then all may go
  MonoTime oldest_;
  MonoTime newest_;
  bool stopped_ = false;
  MonoTime stopped_since_;
  MonoTime asked_;

  // What the broker sends ahead, of this connection.
  std::size_t most_owed_ = 0;
  std::size_t went_quiet_at_ = 0;  // before the last flush; 0: it did not
  std::size_t brokers_limit_ = 0;  // 0: none is known
  MonoTime flushed_at_;
};

}  // namespace sluice
