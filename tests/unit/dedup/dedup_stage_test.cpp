#include "dedup/dedup_stage.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "packet/content_hash.h"
#include "support/frames.h"

namespace sluice {
namespace {

class DedupStageTest : public testing::Test {
 protected:
  ~DedupStageTest() override {
    in_.reset();
    stage_.reset();
  }

  void build(std::size_t sources = 1, std::size_t capacity = 1024, std::size_t out_batches = 128) {
    to_stage_.emplace(2 * kReorderPlaces);
    from_stage_.emplace(out_batches);
    in_.emplace(*to_stage_);
    out_.emplace(*from_stage_);
    std::vector<SourceFlow*> flows;
    for (std::size_t i = 0; i < sources; ++i) flows.push_back(&flows_.emplace_back());
    const auto ring = std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{});
    stage_.emplace(*to_stage_, *from_stage_, std::move(flows), KnownTransmissions(capacity, 42),
                   TransmissionReader(PayloadDecoder(ring, true), {}), counters_);
  }

  /// What decode would have made of these frames.
  std::unique_ptr<Batch> batch_of(std::uint64_t number, const std::vector<std::string>& frames,
                                  std::uint32_t source = 0) {
    auto batch = std::make_unique<Batch>(source, number, in_flight_);
    for (const std::string& hex : frames) {
      const FrameResult parsed = parse_frame_text(hex, batch->arena);
      EXPECT_TRUE(parsed.ok()) << hex;
      Packet packet;
      packet.frame = parsed.frame.bytes;
      packet.content_hash = hasher_.hash(parsed.frame);
      Entry entry;
      entry.kind = Entry::Kind::kPacket;
      entry.index = static_cast<std::uint32_t>(batch->packets.size());
      batch->packets.push_back(packet);
      batch->add(entry);
    }
    return batch;
  }

  void push(std::unique_ptr<Batch> batch) { ASSERT_TRUE(in_->try_push(batch)); }

  std::vector<std::unique_ptr<Batch>> take() {
    while (stage_->poll() != 0) {
    }
    std::vector<std::unique_ptr<Batch>> batches;
    while (auto batch = out_->try_pop()) batches.push_back(std::move(batch));
    return batches;
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    for (const auto& batch : take()) all.push_back(batch->number());
    return all;
  }

  ContentHasher hasher_;
  std::atomic<std::int64_t> in_flight_{0};
  std::deque<SourceFlow> flows_;
  DedupCounters counters_;
  std::optional<HandleQueue<Batch>> to_stage_;
  std::optional<HandleQueue<Batch>> from_stage_;
  std::optional<HandleQueue<Batch>::Producer> in_;
  std::optional<HandleQueue<Batch>::Consumer> out_;
  std::optional<DedupStage> stage_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(DedupStageTest, RestoresTheOrderForAnyOrderOfArrival) {
  std::mt19937 random(20260731);
  for (int round = 0; round < 50; ++round) {
    Numbers arrival(kReorderPlaces);
    std::iota(arrival.begin(), arrival.end(), 0);
    const Numbers ordered = arrival;
    std::shuffle(arrival.begin(), arrival.end(), random);
    build();
    for (const std::uint64_t number : arrival) push(batch_of(number, {test::text_hex(1)}));
    EXPECT_EQ(numbers(), ordered);
    in_.reset();
    stage_.reset();
  }
}

TEST_F(DedupStageTest, GoesOnForManyLapsOfTheRing) {
  std::mt19937 random(7);
  build();
  std::uint64_t next = 0;
  for (int round = 0; round < 60; ++round) {
    Numbers arrival(1 + random() % kReorderPlaces);
    std::iota(arrival.begin(), arrival.end(), next);
    const Numbers ordered = arrival;
    std::shuffle(arrival.begin(), arrival.end(), random);
    for (const std::uint64_t number : arrival) push(batch_of(number, {test::text_hex(1)}));
    ASSERT_EQ(numbers(), ordered);
    next += ordered.size();
    EXPECT_EQ(flows_[0].in_order(), next);
  }
}

TEST_F(DedupStageTest, HoldsBackWhatComesTooEarly) {
  build();
  push(batch_of(1, {test::text_hex(1)}));
  push(batch_of(2, {test::text_hex(1)}));
  EXPECT_EQ(numbers(), Numbers{});
  EXPECT_EQ(flows_[0].in_order(), 0U);
  push(batch_of(0, {test::text_hex(1)}));
  EXPECT_EQ(numbers(), (Numbers{0, 1, 2}));
}

TEST_F(DedupStageTest, OneSourceDoesNotWaitForAnother) {
  build(2);
  push(batch_of(1, {test::text_hex(1)}, 0));
  push(batch_of(0, {test::text_hex(1)}, 1));
  const auto batches = take();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0]->source(), 1U);
  EXPECT_EQ(flows_[1].in_order(), 1U);
  EXPECT_EQ(flows_[0].in_order(), 0U);
}

TEST_F(DedupStageTest, CopiesShareOneDecodeAndOneSignatureCheck) {
  build();
  test::AdvertSpec advert;
  std::vector<std::string> copies;
  for (std::uint8_t i = 0; i < 27; ++i) {
    advert.path = test::Bytes(i, i);
    copies.push_back(test::advert_hex(advert));
  }
  push(batch_of(0, copies));
  const auto batches = take();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(counters_.fresh_transmissions.value(), 1U);
  EXPECT_EQ(counters_.known_copies.value(), 26U);
  EXPECT_EQ(counters_.payload_decodes.value(), 1U);
  EXPECT_EQ(counters_.signature_checks.value(), 1U);
  const Packet& first = batches[0]->packets[0];
  EXPECT_TRUE(first.fresh);
  for (const Packet& copy : batches[0]->packets) {
    EXPECT_EQ(copy.facts, first.facts);
    EXPECT_EQ(copy.slot, first.slot);
    EXPECT_EQ(copy.fresh, &copy == &first);
  }
}

TEST_F(DedupStageTest, TheFirstCopyIsTheFirstInTheSourcesOrderNotTheFirstToArrive) {
  build();
  push(batch_of(1, {test::text_hex(5, {0xBB})}));
  push(batch_of(0, {test::text_hex(5, {0xAA})}));
  const auto batches = take();
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_TRUE(batches[0]->packets[0].fresh);
  EXPECT_FALSE(batches[1]->packets[0].fresh);
}

TEST_F(DedupStageTest, WhatBringsItsOwnFactsIsNotDecoded) {
  build();
  auto batch = batch_of(0, {test::text_hex(1)});
  const auto own = std::make_shared<const TransmissionFacts>();
  batch->packets[0].facts = own;
  push(std::move(batch));
  const auto batches = take();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0]->packets[0].facts, own);
  EXPECT_EQ(counters_.fresh_transmissions.value(), 1U);
  EXPECT_EQ(counters_.payload_decodes.value(), 0U);
}

TEST_F(DedupStageTest, VerdictGoesAlongWithEveryCopy) {
  build();
  test::AdvertSpec forged;
  forged.well_signed = false;
  push(batch_of(0, {test::advert_hex(forged), test::advert_hex(forged)}));
  push(batch_of(1, {test::advert_hex(forged)}));
  for (const auto& batch : take()) {
    for (const Packet& packet : batch->packets) {
      EXPECT_EQ(packet.facts->verdict, RejectReason::kAdvertBadSignature);
    }
  }
  EXPECT_EQ(counters_.signature_checks.value(), 1U);
}

TEST_F(DedupStageTest, ForgottenTransmissionIsDecodedAgainToTheSameFacts) {
  build(1, 4);
  std::vector<std::string> frames;
  for (int lap = 0; lap < 3; ++lap) {
    for (std::uint32_t n = 0; n < 10; ++n) frames.push_back(test::text_hex(n));
  }
  push(batch_of(0, frames));
  const auto batches = take();
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(counters_.fresh_transmissions.value(), 30U);  // each time round it was forgotten
  EXPECT_EQ(counters_.payload_decodes.value(), 30U);
  const auto& packets = batches[0]->packets;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_TRUE(packets[i].fresh);
    EXPECT_LT(packets[i].slot, 4U);
    EXPECT_EQ(packets[i].facts->decoded_json, packets[i % 10].facts->decoded_json);
  }
}

TEST_F(DedupStageTest, TakesNothingThatItCannotPassOn) {
  build(1, 16, 1);
  for (std::uint64_t number = 0; number < 4; ++number) push(batch_of(number, {test::text_hex(1)}));
  while (stage_->poll() != 0) {
  }
  EXPECT_EQ(to_stage_->depth(), 2U);  // one passed on, one in its hand
  EXPECT_EQ(stage_->poll(), 0U);
  Numbers all;
  for (int round = 0; round < 4; ++round) {
    for (const std::uint64_t number : numbers()) all.push_back(number);
  }
  EXPECT_EQ(all, (Numbers{0, 1, 2, 3}));
}

TEST_F(DedupStageTest, EndsWhenTheInputIsDrainedAndEverythingIsPassedOn) {
  build(1, 16, 1);
  for (std::uint64_t number : {2, 1, 0}) push(batch_of(number, {test::text_hex(1)}));
  in_->close();
  for (int i = 0; i < 10; ++i) stage_->poll();
  EXPECT_FALSE(stage_->done());
  Numbers all;
  for (int round = 0; round < 4; ++round) {
    for (const std::uint64_t number : numbers()) all.push_back(number);
    stage_->poll();
  }
  EXPECT_EQ(all, (Numbers{0, 1, 2}));
  EXPECT_TRUE(stage_->done());
  EXPECT_TRUE(out_->drained());
}

TEST_F(DedupStageTest, TellsFeedThatWaitsOfABatchThatLeftTheRing) {
  Wakeup feed;
  to_stage_.emplace(4);
  from_stage_.emplace(4);
  in_.emplace(*to_stage_);
  flows_.emplace_back();
  const auto ring = std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{});
  stage_.emplace(*to_stage_, *from_stage_, std::vector<SourceFlow*>{&flows_[0]},
                 KnownTransmissions(4, 1), TransmissionReader(PayloadDecoder(ring, true), {}),
                 counters_, &feed);
  auto batch = batch_of(0, {test::text_hex(1)});
  ASSERT_TRUE(in_->try_push(batch));
  auto ticket = feed.prepare();
  stage_->poll();
  EXPECT_EQ(feed.prepare(), ticket) << "nobody waits";
  EXPECT_TRUE(flows_[0].has_reached(1));
  EXPECT_FALSE(flows_[0].has_reached(2));
  batch = batch_of(1, {test::text_hex(2)});
  ASSERT_TRUE(in_->try_push(batch));
  stage_->poll();
  EXPECT_NE(feed.prepare(), ticket);
  EXPECT_TRUE(flows_[0].has_reached(2));
}

TEST_F(DedupStageTest, ABusySourceDoesNotStarveAnother) {
  build(2);
  const std::string frame = test::text_hex(1);
  // Out of order, so that from here on the busy source always has one more batch waiting than is
  // taken.
  push(batch_of(1, {frame}, 0));
  push(batch_of(0, {frame}, 0));
  push(batch_of(0, {frame}, 1));
  bool other_was_served = false;
  for (std::uint64_t number = 2; number < 10 && !other_was_served; ++number) {
    push(batch_of(number, {frame}, 0));
    static_cast<void>(stage_->poll());
    while (auto batch = out_->try_pop())
      other_was_served = other_was_served || batch->source() == 1;
  }
  EXPECT_TRUE(other_was_served);
}

}  // namespace
}  // namespace sluice
