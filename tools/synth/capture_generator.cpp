#include "capture_generator.h"

#include <algorithm>

#include "base/hex.h"
#include "base/timestamp_text.h"
#include "receive/capture_format.h"

namespace sluice {
namespace {

constexpr std::uint64_t kTrafficPurpose = 100;
constexpr std::int64_t kMillion = 1'000'000;
constexpr std::uint32_t kRepeatPermille = 10;
constexpr std::int64_t kFirstStatusesWithinUs = 500'000;

}  // namespace

CaptureGenerator::CaptureGenerator(const SynthOptions& options)
    : options_(options),
      network_(options),
      payloads_(network_),
      floods_(network_),
      rng_(Rng::stream(options.seed, kTrafficPurpose)) {
  plan_first_statuses();
}

bool CaptureGenerator::next(std::string& out) {
  while (!complete()) {
    if (!turns_.empty() && turns_.top().time_us <= clock_us_) {
      const Turn turn = turns_.top();
      turns_.pop();
      const std::int64_t limit_us = options_.duration.count() * kMillion;
      if (limit_us > 0 && turn.time_us >= limit_us) return false;
      emit(turn, out);
      return true;
    }
    plan_transmission();
  }
  return false;
}

bool CaptureGenerator::complete() const noexcept {
  return options_.messages > 0 && counts_.messages >= options_.messages;
}

/// A new subscriber first gets what the broker has retained. They are part of the statuses' share.
void CaptureGenerator::plan_first_statuses() {
  const auto seconds = static_cast<std::uint64_t>(options_.duration.count());
  const std::uint64_t expected =
      options_.messages > 0 ? options_.messages : seconds * options_.rate;
  const std::uint64_t share = expected / 2 * options_.status_ppm / kMillion;
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(share, options_.observers));
  for (std::uint32_t i = 0; i < count; ++i) {
    Planned planned;
    planned.kind = Kind::kFirstStatus;
    planned.copy.observer = i;
    schedule(rng_.below(kFirstStatusesWithinUs), planned);
  }
  const std::int64_t others = kMillion - options_.status_ppm - options_.malformed_ppm;
  status_credit_ = -static_cast<std::int64_t>(count) * others;
}

void CaptureGenerator::plan_transmission() {
  const std::uint32_t slot = take_transmission_slot();
  Transmission& transmission = transmissions_[slot];
  const WallTime now = options_.start + std::chrono::microseconds(clock_us_);
  payloads_.build(rng_, epoch_seconds(now), transmission);
  floods_.choose_route(rng_, transmission);
  transmission.payload_hex = to_upper_hex(transmission.payload.view());
  transmission.hash_text = to_upper_hex(
      packet_hash(static_cast<std::uint8_t>(transmission.type), 0, transmission.payload.view()));
  ++counts_.transmissions;

  const std::uint32_t copies = FloodPlanner::copy_count(rng_, transmission, options_.copies);
  transmission.copies_left = 1;  // planning's own hold on it
  const std::uint64_t before = next_number_;
  for (std::uint32_t i = 0; i < copies; ++i) plan_copy(slot, clock_us_);
  const auto records = static_cast<std::int64_t>(next_number_ - before);

  // The pause that the rate leaves for so many records, half to one and a half times as long.
  const std::int64_t pause_us = records * kMillion / options_.rate;
  const std::int64_t until_us = clock_us_ + pause_us * rng_.between(500, 1500) / 1000;
  const std::int64_t others = kMillion - options_.status_ppm - options_.malformed_ppm;
  for (std::int64_t i = 0; i < records; ++i) {
    status_credit_ += options_.status_ppm;
    malformed_credit_ += options_.malformed_ppm;
    if (status_credit_ >= others || malformed_credit_ >= others) plan_side_traffic(slot, until_us);
  }
  clock_us_ = until_us;
  release_transmission(slot);
}

void CaptureGenerator::plan_copy(std::uint32_t transmission, std::int64_t start_us) {
  Planned planned;
  planned.transmission = transmission;
  floods_.plan_copy(rng_, transmissions_[transmission], planned.copy);
  schedule(start_us + planned.copy.delay_us, planned);
  if (!rng_.permille(kRepeatPermille)) return;
  // Two brokers, or a bridge that was not sure: the same record again, now and then measured anew.
  planned.kind = Kind::kRepeat;
  if (rng_.permille(300)) planned.copy.snr_q4 += 2;
  const std::int64_t later_us = rng_.between(1'000, 1'500'000);
  schedule(start_us + planned.copy.delay_us + later_us, planned);
}

/// Statuses and malformed records, each when its share of what has been planned is due.
void CaptureGenerator::plan_side_traffic(std::uint32_t transmission, std::int64_t until_us) {
  const std::int64_t others = kMillion - options_.status_ppm - options_.malformed_ppm;
  const auto room =
      static_cast<std::int32_t>(std::min<std::int64_t>(until_us - clock_us_, 1 << 30));
  while (status_credit_ >= others) {
    status_credit_ -= others;
    Planned planned;
    planned.kind = Kind::kStatus;
    planned.copy.observer = next_status_;
    next_status_ = (next_status_ + 1) % options_.observers;
    schedule(clock_us_ + rng_.between(0, room), planned);
  }
  while (malformed_credit_ >= others) {
    malformed_credit_ -= others;
    Planned planned;
    planned.kind = Kind::kMalformed;
    planned.transmission = transmission;
    planned.spoil_seed = rng_.next();
    floods_.plan_copy(rng_, transmissions_[transmission], planned.copy);
    schedule(clock_us_ + rng_.between(0, room), planned);
  }
}

void CaptureGenerator::schedule(std::int64_t time_us, const Planned& planned) {
  std::uint32_t index = 0;
  if (free_planned_.empty()) {
    index = static_cast<std::uint32_t>(planned_.size());
    planned_.emplace_back(planned);
  } else {
    index = free_planned_.back();
    free_planned_.pop_back();
    planned_[index] = planned;
  }
  if (planned.kind < Kind::kStatus) ++transmissions_[planned.transmission].copies_left;
  turns_.push({time_us, next_number_++, index});
}

void CaptureGenerator::emit(const Turn& turn, std::string& out) {
  const Planned& planned = planned_[turn.planned];
  MeshObserver& observer = network_.observers[planned.copy.observer];
  const WallTime time = options_.start + std::chrono::microseconds(turn.time_us);
  if (planned.kind < Kind::kStatus) {
    const Transmission& transmission = transmissions_[planned.transmission];
    writer_.packet(observer, transmission, planned.copy, time, message_);
    if (planned.kind == Kind::kMalformed) {
      Rng spoiler(planned.spoil_seed);
      spoil_record(spoiler, message_);
    } else {
      ++observer.heard;
    }
  } else {
    const auto age = std::chrono::seconds(turn.time_us / kMillion);
    writer_.status(observer, time, age, planned.kind == Kind::kFirstStatus, message_);
  }
  count(planned.kind, planned);
  if (planned.kind < Kind::kStatus) release_transmission(planned.transmission);
  free_planned_.push_back(turn.planned);
  if (first_us_ < 0) first_us_ = turn.time_us;
  const std::chrono::milliseconds offset((turn.time_us - first_us_) / 1000);
  append_capture_line({offset, message_.topic, message_.payload, message_.qos, message_.retain},
                      out);
}

void CaptureGenerator::count(Kind kind, const Planned& planned) {
  ++counts_.messages;
  if (kind >= Kind::kStatus) {
    ++counts_.statuses;
    return;
  }
  if (kind == Kind::kMalformed) {
    ++counts_.malformed;
    return;
  }
  ++counts_.observations;
  if (kind == Kind::kRepeat) ++counts_.repeats;
  if (planned.copy.sent) ++counts_.sent;
  if (transmissions_[planned.transmission].badly_signed) ++counts_.badly_signed;
}

std::uint32_t CaptureGenerator::take_transmission_slot() {
  if (free_transmissions_.empty()) {
    transmissions_.emplace_back();
    return static_cast<std::uint32_t>(transmissions_.size() - 1);
  }
  const std::uint32_t slot = free_transmissions_.back();
  free_transmissions_.pop_back();
  return slot;
}

void CaptureGenerator::release_transmission(std::uint32_t slot) {
  if (--transmissions_[slot].copies_left == 0) free_transmissions_.push_back(slot);
}

}  // namespace sluice
