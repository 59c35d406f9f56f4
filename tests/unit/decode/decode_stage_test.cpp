#include "decode/decode_stage.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/frames.h"
#include "support/manual_clock.h"
#include "support/messages.h"

namespace sluice {
namespace {

using test::Message;

class DecodeStageTest : public testing::Test {
 protected:
  DecodeStageTest() {
    auto rules = std::make_shared<DecodeRules>();
    rules->sources.resize(2);
    rules->sources[1].iata_filter = {"BER"};
    rules->regions = std::make_shared<const RegionKeys>(std::vector<std::string>{"#muc"});
    rules_ = std::move(rules);
  }
  ~DecodeStageTest() override {
    in_.reset();
    stage_.reset();
  }

  void build(std::size_t out_capacity = 8) {
    to_stage_.emplace(8);
    from_stage_.emplace(out_capacity);
    in_.emplace(*to_stage_);
    out_.emplace(*from_stage_);
    stage_.emplace(*to_stage_, *from_stage_, rules_);
  }

  std::unique_ptr<Batch> batch_of(const std::vector<Message>& messages, std::uint32_t source = 0) {
    auto batch = std::make_unique<Batch>(source, 0, in_flight_);
    for (const Message& message : messages) {
      // As in the journal: bytes that stay where they are, with padding behind them.
      std::string& text = texts_.emplace_back(message.payload + std::string(kJsonPadding, '}'));
      Entry entry;
      entry.received = test::kTestEpoch;
      entry.topic = topics_.emplace_back(message.topic);
      entry.payload = std::string_view(text).substr(0, message.payload.size());
      entry.retained = message.retained;
      batch->add(entry);
    }
    return batch;
  }

  std::unique_ptr<Batch> decode(const std::vector<Message>& messages, std::uint32_t source = 0) {
    build();
    auto batch = batch_of(messages, source);
    EXPECT_TRUE(in_->try_push(batch));
    EXPECT_EQ(stage_->poll(), messages.size());
    auto result = out_->try_pop();
    EXPECT_NE(result, nullptr);
    return result;
  }

  std::atomic<std::int64_t> in_flight_{0};
  std::deque<std::string> texts_;
  std::deque<std::string> topics_;
  std::shared_ptr<const DecodeRules> rules_;
  std::optional<HandleQueue<Batch>> to_stage_;
  std::optional<HandleQueue<Batch>> from_stage_;
  std::optional<HandleQueue<Batch>::Producer> in_;
  std::optional<HandleQueue<Batch>::Consumer> out_;
  std::optional<DecodeStage> stage_;
};

TEST_F(DecodeStageTest, TellsPacketsStatusesAndRejectsApart) {
  const auto batch = decode({test::text_message(1),
                             test::status_message("A", R"("model":"m")"),
                             {.topic = "t", .payload = "no json"},
                             test::text_message(2)});
  ASSERT_EQ(batch->size(), 4U);
  EXPECT_EQ(batch->entries[0].kind, Entry::Kind::kPacket);
  EXPECT_EQ(batch->entries[1].kind, Entry::Kind::kStatus);
  EXPECT_EQ(batch->entries[2].kind, Entry::Kind::kRejected);
  EXPECT_EQ(batch->entries[2].reject, RejectReason::kMalformedJson);
  EXPECT_EQ(batch->entries[3].kind, Entry::Kind::kPacket);
  EXPECT_EQ(batch->entries[3].index, 1U);
  ASSERT_EQ(batch->packets.size(), 2U);
  ASSERT_EQ(batch->statuses.size(), 1U);
  EXPECT_EQ(batch->statuses[0].model, "m");
}

TEST_F(DecodeStageTest, CopiesShareTheirHashWhateverTheirPath) {
  test::PacketSpec direct;
  direct.raw = test::text_hex(7);
  test::PacketSpec relayed;
  relayed.raw = test::text_hex(7, {0xAA, 0xBB});
  const auto batch = decode({packet_message(direct), packet_message(relayed)});
  ASSERT_EQ(batch->packets.size(), 2U);
  EXPECT_EQ(batch->packets[0].content_hash, batch->packets[1].content_hash);
  EXPECT_EQ(batch->packets[0].path_json, "[]");
  EXPECT_EQ(batch->packets[1].path_json, R"(["AA","BB"])");
  EXPECT_EQ(batch->packets[0].route_type, 1);
  EXPECT_EQ(batch->packets[0].payload_type, 2);
}

TEST_F(DecodeStageTest, AppliesTheRulesOfTheBatchsSource) {
  const auto accepted = decode({test::text_message(1)}, 0);
  EXPECT_EQ(accepted->entries[0].kind, Entry::Kind::kPacket);
  const auto refused = decode({test::text_message(1)}, 1);
  EXPECT_EQ(refused->entries[0].reject, RejectReason::kIataFiltered);
}

TEST_F(DecodeStageTest, ReadsTheScopeOfEachCopysOwnCodes) {
  const std::string plain = test::text_hex(3);
  // The same payload as a flood with transport codes that belong to no known region.
  const std::string scoped = "08" + std::string("11223344") + "00" + plain.substr(4);
  const auto batch = decode({{.topic = "x", .payload = R"({"raw":")" + plain + "\"}"},
                             {.topic = "x", .payload = R"({"raw":")" + scoped + "\"}"}});
  ASSERT_EQ(batch->packets.size(), 2U);
  EXPECT_FALSE(batch->packets[0].scope_name);
  EXPECT_EQ(batch->packets[1].scope_name, "");
  EXPECT_EQ(batch->packets[1].transport_codes,
            (std::array<std::uint8_t, 4>{0x11, 0x22, 0x33, 0x44}));
}

TEST_F(DecodeStageTest, RejectsFramesByReason) {
  const auto raw = [](const std::string& hex) {
    return Message{.topic = "t", .payload = R"({"raw":")" + hex + "\"}"};
  };
  const auto batch = decode(
      {raw("zz"), raw("09"), raw("09C1"), raw("0905AA"), raw("0900" + std::string(2 * 185, '0'))});
  const std::vector<RejectReason> expected{
      RejectReason::kBadHex, RejectReason::kFrameTooShort, RejectReason::kFrameBadPathEncoding,
      RejectReason::kFramePathOverrun, RejectReason::kFramePayloadTooLong};
  ASSERT_EQ(batch->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(batch->entries[i].reject, expected[i]) << i;
  }
}

TEST_F(DecodeStageTest, KeepsTheOrderOfTheBatches) {
  build();
  for (std::uint64_t number = 0; number < 3; ++number) {
    auto batch = std::make_unique<Batch>(0, number, in_flight_);
    batch->add({});
    ASSERT_TRUE(in_->try_push(batch));
  }
  for (std::uint64_t number = 0; number < 3; ++number) {
    stage_->poll();
    const auto batch = out_->try_pop();
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->number(), number);
  }
}

TEST_F(DecodeStageTest, TakesNothingThatItCannotPassOn) {
  build(1);
  for (int i = 0; i < 3; ++i) {
    auto batch = batch_of({test::text_message(1)});
    ASSERT_TRUE(in_->try_push(batch));
  }
  EXPECT_EQ(stage_->poll(), 1U);  // now in the output
  EXPECT_EQ(stage_->poll(), 1U);  // now in its hand
  EXPECT_EQ(stage_->poll(), 0U);
  EXPECT_EQ(to_stage_->depth(), 1U);
  EXPECT_NE(out_->try_pop(), nullptr);
  EXPECT_EQ(stage_->poll(), 1U);
  EXPECT_EQ(to_stage_->depth(), 0U);
  EXPECT_EQ(in_flight_, 2);
}

TEST_F(DecodeStageTest, ClosesItsOutputWhenTheInputIsDrained) {
  build();
  auto batch = batch_of({test::text_message(1)});
  ASSERT_TRUE(in_->try_push(batch));
  in_->close();
  EXPECT_EQ(stage_->poll(), 1U);
  EXPECT_FALSE(stage_->done());
  EXPECT_EQ(stage_->poll(), 0U);
  EXPECT_TRUE(stage_->done());
  EXPECT_NE(out_->try_pop(), nullptr);
  EXPECT_TRUE(out_->drained());
}

TEST_F(DecodeStageTest, KeepsItsLastBatchUntilThereIsRoom) {
  build(1);
  for (int i = 0; i < 2; ++i) {
    auto batch = batch_of({test::text_message(1)});
    ASSERT_TRUE(in_->try_push(batch));
  }
  in_->close();
  for (int i = 0; i < 5; ++i) stage_->poll();
  EXPECT_FALSE(stage_->done());
  EXPECT_NE(out_->try_pop(), nullptr);
  stage_->poll();
  EXPECT_TRUE(stage_->done());
  EXPECT_NE(out_->try_pop(), nullptr);
  EXPECT_TRUE(out_->drained());
}

}  // namespace
}  // namespace sluice
