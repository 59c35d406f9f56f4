#include "receive/redelivery.h"

#include <algorithm>

#include "base/stable_hash.h"

namespace sluice {
namespace {

constexpr std::size_t kPacketIds = 65536;
constexpr std::uint64_t kNoNumber = UINT64_MAX;

}  // namespace

std::uint64_t delivery_hash(std::string_view topic, std::string_view payload) noexcept {
  return stable_hash(payload, stable_hash(topic, 0));
}

void RedeliveryTable::make_room() {
  if (!entries_.empty()) return;
  entries_.resize(kPacketIds);
  owed_.reserve(kPacketIds);  // each id is in it once at most: owe() never allocates later
}

void RedeliveryTable::seed(std::span<const UnacknowledgedMessage> messages) {
  if (messages.empty()) return;
  make_room();
  for (const UnacknowledgedMessage& message : messages) {
    Entry& entry = entries_[message.packet_id];
    if (state_of(entry) == State::kNone) ++earlier_;
    entry.hash = message.hash;
    entry.seq = message.seq;
    entry.state = static_cast<unsigned>(State::kEarlier);
  }
  lowest_earlier_known_ = false;
}

void RedeliveryTable::begin_connection(bool session_present) {
  for (Entry& entry : entries_) {
    if (state_of(entry) != State::kOwed && state_of(entry) != State::kSent) continue;
    entry.state = static_cast<unsigned>(State::kEarlier);
    ++earlier_;
  }
  owed_.clear();
  lowest_owed_ = kNoNumber;
  lowest_earlier_known_ = false;
  if (!session_present) forget_earlier();
}

std::optional<std::uint64_t> RedeliveryTable::find(std::uint16_t packet_id,
                                                   std::uint64_t hash) const noexcept {
  if (entries_.empty()) return std::nullopt;
  const Entry& entry = entries_[packet_id];
  const State state = state_of(entry);
  // While the connection lives the PUBACK arrives, and the broker may use the id again, also for
  // equal bytes.
  if (state == State::kNone || state == State::kSent || entry.hash != hash) return std::nullopt;
  return entry.seq;
}

void RedeliveryTable::owe(const UnacknowledgedMessage& message) {
  make_room();
  Entry& entry = entries_[message.packet_id];
  if (state_of(entry) == State::kEarlier) {
    --earlier_;
    lowest_earlier_known_ = false;
  }
  if (state_of(entry) != State::kOwed) owed_.push_back(message.packet_id);
  entry.hash = message.hash;
  entry.seq = message.seq;
  entry.state = static_cast<unsigned>(State::kOwed);
  if (message.seq != 0) lowest_owed_ = std::min(lowest_owed_, message.seq);
}

void RedeliveryTable::acknowledged() noexcept {
  for (const std::uint16_t id : owed_) {
    entries_[id].seq = 0;  // it is durable
    entries_[id].state = static_cast<unsigned>(State::kSent);
  }
  owed_.clear();
  lowest_owed_ = kNoNumber;
}

void RedeliveryTable::forget_earlier() noexcept {
  lowest_earlier_ = kNoNumber;
  lowest_earlier_known_ = true;
  if (earlier_ == 0) return;
  for (Entry& entry : entries_)
    if (state_of(entry) == State::kEarlier) entry = {};
  earlier_ = 0;
}

std::uint64_t RedeliveryTable::lowest() const noexcept {
  if (!lowest_earlier_known_) {
    lowest_earlier_ = kNoNumber;
    if (earlier_ > 0) {
      for (const Entry& entry : entries_) {
        if (state_of(entry) == State::kEarlier && entry.seq != 0)
          lowest_earlier_ = std::min<std::uint64_t>(lowest_earlier_, entry.seq);
      }
    }
    lowest_earlier_known_ = true;
  }
  return std::min(lowest_owed_, lowest_earlier_);
}

}  // namespace sluice
