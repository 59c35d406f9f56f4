#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/wakeup.h"
#include "queue/handle_queue.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

struct Item {
  int producer;
  int number;
};
using ItemQueue = HandleQueue<Item>;

struct QueueCase {
  int producers;
  int consumers;
  std::size_t capacity;
};

class QueueStress : public testing::TestWithParam<QueueCase> {};

/// Everyone sleeps for a day when there is nothing to do, so a wake-up that is lost is a hang.
TEST_P(QueueStress, NothingIsLostDoubledOrOutOfOrder) {
  const QueueCase spec = GetParam();
  constexpr int kEach = 20000;
  Wakeup on_push;
  Wakeup on_room;
  ItemQueue queue(spec.capacity, &on_push, &on_room);
  std::deque<ItemQueue::Producer> ends;
  for (int i = 0; i < spec.producers; ++i) ends.emplace_back(queue);

  std::vector<std::thread> threads;
  for (int i = 0; i < spec.producers; ++i) {
    threads.emplace_back([&, i] {
      auto& out = ends[static_cast<std::size_t>(i)];
      for (int number = 0; number < kEach; ++number) {
        auto item = std::make_unique<Item>(Item{i, number});
        for (;;) {
          const auto ticket = on_room.prepare();
          if (out.try_push(item)) break;
          on_room.wait(ticket, 24h);
        }
      }
      out.close();
    });
  }
  std::vector<std::vector<Item>> taken(static_cast<std::size_t>(spec.consumers));
  for (int i = 0; i < spec.consumers; ++i) {
    threads.emplace_back([&, i] {
      ItemQueue::Consumer in(queue);
      for (;;) {
        const auto ticket = on_push.prepare();
        if (const auto item = in.try_pop()) {
          taken[static_cast<std::size_t>(i)].push_back(*item);
        } else if (in.drained()) {
          return;
        } else {
          on_push.wait(ticket, 24h);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(queue.depth(), 0U);
  const auto producers = static_cast<std::size_t>(spec.producers);
  std::vector<std::vector<bool>> seen(producers, std::vector<bool>(kEach));
  for (const auto& items : taken) {
    std::vector<int> last(producers, -1);
    for (const Item& item : items) {
      const auto producer = static_cast<std::size_t>(item.producer);
      ASSERT_GT(item.number, last[producer]);
      last[producer] = item.number;
      ASSERT_FALSE(seen[producer][static_cast<std::size_t>(item.number)]);
      seen[producer][static_cast<std::size_t>(item.number)] = true;
    }
  }
  std::size_t total = 0;
  for (const auto& items : taken) total += items.size();
  EXPECT_EQ(total, producers * kEach);
}

INSTANTIATE_TEST_SUITE_P(Shapes, QueueStress,
                         testing::Values(QueueCase{1, 1, 1}, QueueCase{1, 1, 32},
                                         QueueCase{1, 4, 4}, QueueCase{4, 1, 4}, QueueCase{3, 3, 2},
                                         QueueCase{4, 4, 64}));

/// The end comes while consumers race for the last handles, again and again.
TEST(QueueStress, EveryConsumerLearnsOfTheEnd) {
  for (int round = 0; round < 3000; ++round) {
    Wakeup on_push;
    ItemQueue queue(8, &on_push);
    ItemQueue::Producer out(queue);
    std::array<std::thread, 2> consumers;
    for (std::thread& thread : consumers) {
      thread = std::thread([&] {
        ItemQueue::Consumer in(queue);
        for (;;) {
          const auto ticket = on_push.prepare();
          if (in.try_pop() != nullptr) continue;
          if (in.drained()) return;
          on_push.wait(ticket, 24h);
        }
      });
    }
    for (int i = 0; i < 3; ++i) {
      auto item = std::make_unique<Item>();
      ASSERT_TRUE(out.try_push(item));
    }
    out.close();
    for (std::thread& thread : consumers) thread.join();
  }
}

}  // namespace
}  // namespace sluice
