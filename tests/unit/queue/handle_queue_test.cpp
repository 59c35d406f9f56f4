#include "queue/handle_queue.h"

#include <deque>
#include <memory>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "base/wakeup.h"

namespace sluice {
namespace {

using IntQueue = HandleQueue<int>;

std::unique_ptr<int> boxed(int value) { return std::make_unique<int>(value); }

/// True when `wakeup` was notified since `ticket`.
bool notified_since(const Wakeup& wakeup, std::uint32_t ticket) {
  return wakeup.prepare() != ticket;
}

TEST(HandleQueue, FullLeavesTheHandleWithTheCaller) {
  IntQueue queue(3);
  IntQueue::Producer in(queue);
  for (int i = 0; i < 3; ++i) {
    auto handle = boxed(i);
    ASSERT_TRUE(in.try_push(handle));
    EXPECT_EQ(handle, nullptr);
  }
  auto refused = boxed(3);
  EXPECT_FALSE(in.try_push(refused));
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(*refused, 3);
  EXPECT_EQ(queue.depth(), 3U);
}

TEST(HandleQueue, BoundIsSharedByAllProducers) {
  IntQueue queue(2);
  IntQueue::Producer first(queue);
  IntQueue::Producer second(queue);
  auto a = boxed(1);
  auto b = boxed(2);
  auto c = boxed(3);
  EXPECT_TRUE(first.try_push(a));
  EXPECT_TRUE(second.try_push(b));
  EXPECT_FALSE(first.try_push(c));
  EXPECT_FALSE(second.try_push(c));
}

TEST(HandleQueue, PopMakesRoomForExactlyOne) {
  IntQueue queue(1);
  IntQueue::Producer in(queue);
  IntQueue::Consumer out(queue);
  for (int i = 0; i < 200; ++i) {
    auto handle = boxed(i);
    ASSERT_TRUE(in.try_push(handle));
    auto other = boxed(-1);
    ASSERT_FALSE(in.try_push(other));
    const auto popped = out.try_pop();
    ASSERT_NE(popped, nullptr);
    ASSERT_EQ(*popped, i);
    ASSERT_EQ(out.try_pop(), nullptr);
  }
  EXPECT_EQ(queue.depth(), 0U);
}

TEST(HandleQueue, AHeavyHandleTakesMorePlaces) {
  IntQueue queue(5, nullptr, nullptr, [](const int& weight) { return std::size_t(weight); });
  IntQueue::Producer in(queue);
  IntQueue::Consumer out(queue);
  auto weightless = boxed(0);
  ASSERT_TRUE(in.try_push(weightless)) << "and takes one place all the same";
  auto three = boxed(3);
  ASSERT_TRUE(in.try_push(three));
  EXPECT_EQ(queue.depth(), 4U);
  auto heavy = boxed(100);
  ASSERT_TRUE(in.try_push(heavy)) << "one place was free";
  auto one = boxed(1);
  EXPECT_FALSE(in.try_push(one));
  ASSERT_NE(out.try_pop(), nullptr);
  ASSERT_NE(out.try_pop(), nullptr);
  EXPECT_FALSE(in.try_push(one)) << "the heavy one is still there";
  ASSERT_NE(out.try_pop(), nullptr);
  EXPECT_EQ(queue.depth(), 0U);
  ASSERT_TRUE(in.try_push(one));
  in.close();
  EXPECT_FALSE(out.drained());
  ASSERT_NE(out.try_pop(), nullptr);
  EXPECT_TRUE(out.drained());
}

TEST(HandleQueue, ClosesWithItsLastProducer) {
  IntQueue queue(4);
  IntQueue::Consumer out(queue);
  {
    IntQueue::Producer first(queue);
    IntQueue::Producer second(queue);
    first.close();
    first.close();  // closing again changes nothing
    EXPECT_FALSE(out.drained());
  }
  EXPECT_TRUE(out.drained());
}

TEST(HandleQueue, IsDrainedOnlyWhenClosedAndEmpty) {
  IntQueue queue(4);
  IntQueue::Producer in(queue);
  IntQueue::Consumer out(queue);
  EXPECT_FALSE(out.drained());
  auto handle = boxed(1);
  ASSERT_TRUE(in.try_push(handle));
  in.close();
  EXPECT_FALSE(out.drained());
  EXPECT_NE(out.try_pop(), nullptr);
  EXPECT_TRUE(out.drained());
}

TEST(HandleQueue, TellsConsumersOfNewsAndOfTheEnd) {
  Wakeup consumers;
  IntQueue queue(4, &consumers);
  IntQueue::Producer in(queue);
  auto ticket = consumers.prepare();
  auto handle = boxed(1);
  ASSERT_TRUE(in.try_push(handle));
  EXPECT_TRUE(notified_since(consumers, ticket));
  ticket = consumers.prepare();
  in.close();
  EXPECT_TRUE(notified_since(consumers, ticket));
}

TEST(HandleQueue, TellsProducersOfRoom) {
  Wakeup producers;
  IntQueue queue(1, nullptr, &producers);
  IntQueue::Producer in(queue);
  IntQueue::Consumer out(queue);
  auto handle = boxed(1);
  ASSERT_TRUE(in.try_push(handle));
  auto another = boxed(2);
  const auto ticket = producers.prepare();
  ASSERT_FALSE(in.try_push(another));
  EXPECT_NE(out.try_pop(), nullptr);
  EXPECT_TRUE(notified_since(producers, ticket));
}

TEST(HandleQueue, TellsNobodyOfRoomWhoHasNotLookedForIt) {
  Wakeup producers;
  IntQueue queue(1, nullptr, &producers);
  IntQueue::Producer in(queue);
  IntQueue::Consumer out(queue);
  const auto ticket = producers.prepare();
  for (int i = 0; i < 3; ++i) {
    auto handle = boxed(i);
    ASSERT_TRUE(in.try_push(handle));
    EXPECT_NE(out.try_pop(), nullptr);
  }
  EXPECT_FALSE(notified_since(producers, ticket));
}

TEST(HandleQueue, LastHandleOfAClosedQueueWakesTheOtherConsumers) {
  Wakeup consumers;
  IntQueue queue(4, &consumers);
  IntQueue::Producer in(queue);
  IntQueue::Consumer busy(queue);
  IntQueue::Consumer idle(queue);
  for (int i = 0; i < 2; ++i) {
    auto handle = boxed(i);
    ASSERT_TRUE(in.try_push(handle));
  }
  in.close();
  EXPECT_NE(busy.try_pop(), nullptr);
  const auto ticket = consumers.prepare();  // `idle` goes to sleep here: not drained yet
  ASSERT_FALSE(idle.drained());
  EXPECT_NE(busy.try_pop(), nullptr);
  EXPECT_TRUE(idle.drained());
  EXPECT_TRUE(notified_since(consumers, ticket));
}

TEST(HandleQueue, FreesWhatNobodyTook) {
  auto queue = std::make_unique<HandleQueue<std::shared_ptr<int>>>(4);
  const auto witness = std::make_shared<int>(1);
  {
    HandleQueue<std::shared_ptr<int>>::Producer in(*queue);
    auto handle = std::make_unique<std::shared_ptr<int>>(witness);
    ASSERT_TRUE(in.try_push(handle));
  }
  EXPECT_EQ(witness.use_count(), 2);
  queue.reset();
  EXPECT_EQ(witness.use_count(), 1);
}

/// Against a bounded deque per producer: nothing is lost, made up, or out of its producer's order.
TEST(HandleQueue, AgreesWithANaiveModel) {
  const unsigned seed = 20260731;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::size_t kCapacity = 7;
  constexpr int kProducers = 3;
  IntQueue queue(kCapacity);
  std::deque<IntQueue::Producer> in;
  for (int i = 0; i < kProducers; ++i) in.emplace_back(queue);
  IntQueue::Consumer out(queue);

  std::array<std::deque<int>, kProducers> model;
  std::size_t depth = 0;
  int next = 0;
  for (int step = 0; step < 20000; ++step) {
    if (random() % 2 == 0) {
      const std::size_t producer = random() % kProducers;
      auto handle = boxed(next * kProducers + static_cast<int>(producer));
      ASSERT_EQ(in[producer].try_push(handle), depth < kCapacity);
      if (handle) continue;
      model[producer].push_back(next * kProducers + static_cast<int>(producer));
      ++next;
      ++depth;
    } else {
      const auto popped = out.try_pop();
      ASSERT_EQ(popped != nullptr, depth > 0);
      if (!popped) continue;
      auto& lane = model[static_cast<std::size_t>(*popped % kProducers)];
      ASSERT_FALSE(lane.empty());
      ASSERT_EQ(*popped, lane.front());
      lane.pop_front();
      --depth;
    }
    ASSERT_EQ(queue.depth(), depth);
  }
}

}  // namespace
}  // namespace sluice
