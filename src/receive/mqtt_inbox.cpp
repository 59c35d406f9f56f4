#include "receive/mqtt_inbox.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

// A broker sends again what is unacknowledged as soon as we are back.
constexpr auto kRedeliveryPatience = 60s;

}  // namespace

MqttInbox::MqttInbox(Intake intake, std::span<const UnacknowledgedMessage> earlier)
    : intake_(intake) {
  table_.seed(earlier);
  needs_earlier_ = table_.earlier() > 0;
  intake_.need_earlier(needs_earlier_);
}

void MqttInbox::open(bool acknowledging) noexcept {
  acknowledging_ = acknowledging;
  tell_journal();
}

void MqttInbox::begin_attempt(const MqttAcknowledger::Limits& limits) noexcept {
  acknowledger_.begin_connection(limits);
  after_overflow_ = after_overflow_ || overflowed_;
  overflowed_ = false;
}

void MqttInbox::begin_session(bool session_present, MonoTime now) {
  table_.begin_connection(session_present);
  last_again_ = house_kept_ = now;
  tell_journal();
}

bool MqttInbox::take(const IncomingMessage& message, MonoTime now) {
  if (message.qos > 0) return take_owed(message, now);
  if (table_.empty()) tell_journal();  // or what nobody acknowledges would hold up the journal
  intake_.take(message);
  return true;
}

bool MqttInbox::take_owed(const IncomingMessage& message, MonoTime now) {
  if (overflowed_) return false;  // what comes behind it would overtake it
  const std::uint64_t hash = delivery_hash(message.topic, message.payload);
  if (const auto known = table_.find(message.message_id, hash)) {
    intake_.drop(message, DropReason::kRedelivered);
    table_.owe({.packet_id = message.message_id, .hash = hash, .seq = *known});
    acknowledger_.owe(*known, now);
    last_again_ = now;
    return true;
  }
  switch (intake_.take_if_room(message)) {
    case AppendResult::kAppended: {
      const std::uint64_t seq = intake_.appended();
      table_.owe({.packet_id = message.message_id, .hash = hash, .seq = seq});
      acknowledger_.owe(seq, now);
      return true;
    }
    case AppendResult::kTooLarge:  // counted; unacknowledged it would come again for ever
      acknowledger_.owe(0, now);
      return true;
    case AppendResult::kFull:
      break;
  }
  overflowed_ = true;
  return false;
}

bool MqttInbox::wants_attention() const noexcept {
  if (overflowed_ || acknowledger_.full()) return true;
  // The journal is full of what the broker sends again: only its acknowledgement makes room.
  return after_overflow_ && owes() && flushable();
}

MqttInbox::Step MqttInbox::step(MonoTime now) noexcept {
  const Step step = acknowledger_.step(intake_.durable(), now);
  if (step == Step::kSync) intake_.ask_sync();
  return step;
}

void MqttInbox::flushed(MonoTime now) noexcept {
  acknowledger_.flushed(now);
  table_.acknowledged();
  if (table_.earlier() == 0) after_overflow_ = false;
  tell_journal();
}

void MqttInbox::keep_house(MonoTime now) noexcept {
  // What we don't read can't come again.
  if (acknowledger_.stopped()) last_again_ += now - house_kept_;
  house_kept_ = now;
  if (table_.earlier() > 0 && now - last_again_ >= kRedeliveryPatience) table_.forget_earlier();
  tell_journal();
}

void MqttInbox::tell_journal() noexcept {
  // Recognised is not enough: until its PUBACK has left, the next process has to recognise it, too.
  if (needs_earlier_ && table_.empty()) {
    needs_earlier_ = false;
    intake_.need_earlier(false);
  }
  if (!acknowledging_) return;
  const std::uint64_t lowest = table_.lowest();
  intake_.acknowledge(lowest == UINT64_MAX ? intake_.appended() : lowest - 1);
}

}  // namespace sluice
