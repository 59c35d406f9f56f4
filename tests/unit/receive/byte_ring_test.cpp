#include "receive/byte_ring.h"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace sluice::test {
namespace {

TEST(ByteRing, KeepsOrderAndBoundLikeADeque) {
  ByteRing<16> ring;
  std::deque<char> model;
  std::minstd_rand random(7);
  char next = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      const auto room = ring.free_part();
      ASSERT_EQ(room.empty(), model.size() == 16);
      const std::size_t count = room.empty() ? 0 : random() % room.size() + 1;
      for (std::size_t i = 0; i < count; ++i) model.push_back(room[i] = next++);
      ring.put(count);
    } else {
      const auto bytes = ring.used_part();
      ASSERT_EQ(bytes.empty(), model.empty());
      const std::size_t count = bytes.empty() ? 0 : random() % bytes.size() + 1;
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(bytes[i], model.front());
        model.pop_front();
      }
      ring.take(count);
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(ring.empty(), model.empty());
    ASSERT_EQ(ring.full(), model.size() == 16);
  }
}

}  // namespace
}  // namespace sluice::test
