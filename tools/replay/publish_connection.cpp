#include "publish_connection.h"

#include <unistd.h>

namespace sluice {
namespace {

constexpr std::uint64_t kMaxOutstanding = 2000;
constexpr std::uint64_t kMaxOutstandingBytes = std::uint64_t{8} << 20;
constexpr std::size_t kMessageIds = 65536;

}  // namespace

PublishCounts& PublishCounts::operator+=(const PublishCounts& other) noexcept {
  published += other.published;
  acknowledged += other.acknowledged;
  failed += other.failed;
  uncertain += other.uncertain;
  connection_losses += other.connection_losses;
  return *this;
}

PublishConnection::PublishConnection(const MqttLogin& login, unsigned number)
    : slots_(kMessageIds),
      proof_filter_("sluice-replay/proof/" + std::to_string(::getpid()) + "/" +
                    std::to_string(number)),
      session_(login, *this) {}

bool PublishConnection::has_room() const noexcept {
  return session_.connected() && outstanding_ < kMaxOutstanding &&
         outstanding_bytes_ < kMaxOutstandingBytes;
}

void PublishConnection::publish(const char* topic, std::string_view payload, int qos, bool retain) {
  const int mid = session_.publish(topic, payload, qos, retain, last_error_);
  if (mid == 0) {
    ++counts_.failed;
    return;
  }
  Slot& slot = slots_[static_cast<std::size_t>(mid)];
  slot = {static_cast<std::uint32_t>(payload.size()), static_cast<std::int8_t>(qos)};
  ++outstanding_;
  outstanding_bytes_ += payload.size();
  if (qos == 0) ++given_at_qos0_;
}

void PublishConnection::on_published(int mid) {
  Slot& slot = slots_[static_cast<std::size_t>(mid)];
  if (slot.qos < 0) return;
  if (slot.qos == 0) {
    ++written_;
  } else {
    ++counts_.published;
    ++counts_.acknowledged;
  }
  --outstanding_;
  outstanding_bytes_ -= slot.bytes;
  slot.qos = -1;
}

void PublishConnection::on_unsubscribed(int mid) {
  if (mid != proof_mid_) return;
  proof_mid_ = 0;
  counts_.published += proof_covers_ - proven_;
  proven_ = proof_covers_;
}

void PublishConnection::note_loss() {
  ++counts_.connection_losses;
  counts_.uncertain += written_ - proven_;
  proven_ = written_ = given_at_qos0_;
  proof_mid_ = 0;
  // QoS 1 and 2 are kept by the library and sent again; QoS 0 in its queue is gone.
  for (Slot& slot : slots_) {
    if (slot.qos != 0) continue;
    ++counts_.failed;
    --outstanding_;
    outstanding_bytes_ -= slot.bytes;
    slot.qos = -1;
  }
}

void PublishConnection::ask_proof() {
  if (proof_mid_ != 0 || proven_ == given_at_qos0_ || !session_.connected()) return;
  proof_covers_ = given_at_qos0_;
  proof_mid_ = session_.unsubscribe(proof_filter_);
}

}  // namespace sluice
