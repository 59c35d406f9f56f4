#pragma once

#include <span>

#include "base/clock.h"
#include "receive/intake.h"
#include "receive/mqtt_acknowledger.h"
#include "receive/redelivery.h"

namespace sluice {

/// What the messages of one MQTT source go through: recognised if they have come before, appended,
/// remembered until their PUBACKs may leave.
///
/// Thread: bound(receive).
class MqttInbox {
 public:
  using Step = MqttAcknowledger::Step;

  /// `earlier`: what an earlier process left unacknowledged.
  MqttInbox(Intake intake, std::span<const UnacknowledgedMessage> earlier);

  /// Before the first attempt. `acknowledging`: the subscription is at QoS 1, so the journal has to
  /// keep what is not acknowledged.
  void open(bool acknowledging) noexcept;
  /// A new attempt owes nothing, whatever the last one left.
  void begin_attempt(const MqttAcknowledger::Limits& limits) noexcept;
  /// What the broker's answer makes of the limits.
  void set_limits(const MqttAcknowledger::Limits& limits) noexcept {
    acknowledger_.set_limits(limits);
  }
  /// The broker has answered. Without the session of the last connection it won't send anything
  /// again.
  void begin_session(bool session_present, MonoTime now);

  /// False: a message that must not get lost found the journal full. Nothing may be written to this
  /// connection any more, since the library would acknowledge it.
  [[nodiscard]] bool take(const IncomingMessage& message, MonoTime now);
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  /// Asked after each message: stop reading for a moment, step() has something to say.
  [[nodiscard]] bool wants_attention() const noexcept;
  /// What to do next; kSync has already asked the journal.
  [[nodiscard]] Step step(MonoTime now) noexcept;
  /// Everything that was owed has left.
  void flushed(MonoTime now) noexcept;

  [[nodiscard]] bool owes() const noexcept { return acknowledger_.owes(); }
  [[nodiscard]] bool flushable() const noexcept {
    return !overflowed_ && acknowledger_.flushable(intake_.durable());
  }
  [[nodiscard]] std::chrono::milliseconds patience(MonoTime now) const noexcept {
    return acknowledger_.patience(now);
  }
  /// See MqttAcknowledger.
  [[nodiscard]] bool knows_brokers_limit() const noexcept {
    return acknowledger_.knows_brokers_limit();
  }
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return table_.owed(); }

  /// Now and then: tells the journal what may be used again, and forgets what never came again.
  void keep_house(MonoTime now) noexcept;

  void ask_sync() noexcept { intake_.ask_sync(); }
  /// See Journal.
  [[nodiscard]] bool reader_waits() noexcept { return intake_.reader_waits(); }
  void close() noexcept { intake_.close(); }

 private:
  [[nodiscard]] bool take_owed(const IncomingMessage& message, MonoTime now);
  void tell_journal() noexcept;

  Intake intake_;
  RedeliveryTable table_;
  MqttAcknowledger acknowledger_;
  bool acknowledging_ = false;
  bool needs_earlier_ = false;  // what an earlier process left may still come again
  bool overflowed_ = false;
  bool after_overflow_ = false;  // the last connection ended in one: acknowledge at each chance
  MonoTime last_again_;  // when the session began, or a message last came again; reading time only
  MonoTime house_kept_;
};

}  // namespace sluice
