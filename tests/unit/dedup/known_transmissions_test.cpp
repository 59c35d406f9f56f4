#include "dedup/known_transmissions.h"

#include <deque>
#include <random>
#include <unordered_map>

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::shared_ptr<const TransmissionFacts> facts_of(std::uint64_t hash) {
  auto facts = std::make_shared<TransmissionFacts>();
  facts->decoded_json = std::to_string(hash);
  return facts;
}

TEST(KnownTransmissions, FirstIsFreshTheRestIsNot) {
  KnownTransmissions known(4, 1);
  const auto first = known.find_or_add(77);
  EXPECT_TRUE(first.fresh);
  EXPECT_EQ(known.facts(first.slot), nullptr);
  const auto again = known.find_or_add(77);
  EXPECT_FALSE(again.fresh);
  EXPECT_EQ(again.slot, first.slot);
  EXPECT_EQ(known.size(), 1U);
}

TEST(KnownTransmissions, OldestGivesItsPlaceAway) {
  KnownTransmissions known(2, 1);
  const auto a = known.find_or_add(1).slot;
  known.facts(a) = facts_of(1);
  static_cast<void>(known.find_or_add(2));
  static_cast<void>(known.find_or_add(1));  // being used again does not make it younger
  const auto c = known.find_or_add(3);
  EXPECT_TRUE(c.fresh);
  EXPECT_EQ(c.slot, a);
  EXPECT_EQ(known.facts(c.slot), nullptr);
  EXPECT_FALSE(known.find_or_add(2).fresh);
  EXPECT_TRUE(known.find_or_add(1).fresh);
  EXPECT_EQ(known.size(), 2U);
}

TEST(KnownTransmissions, OneSlotIsEnough) {
  KnownTransmissions known(1, 1);
  for (std::uint64_t hash = 0; hash < 100; ++hash) {
    EXPECT_TRUE(known.find_or_add(hash).fresh);
    EXPECT_FALSE(known.find_or_add(hash).fresh);
  }
}

TEST(KnownTransmissions, ForgottenFactsAreFreedWithTheirLastUser) {
  KnownTransmissions known(1, 1);
  auto facts = facts_of(1);
  const auto slot = known.find_or_add(1).slot;
  known.facts(slot) = facts;
  EXPECT_EQ(facts.use_count(), 2);
  static_cast<void>(known.find_or_add(2));
  EXPECT_EQ(facts.use_count(), 1);
}

struct ModelCase {
  std::size_t capacity;
  std::uint64_t hashes;  // how many different ones there are
  std::uint64_t salt;
};

class KnownTransmissionsModel : public testing::TestWithParam<ModelCase> {};

/// Against a map and a queue of the order of arrival, with hashes that differ in few bits, so that
/// probe runs get long.
TEST_P(KnownTransmissionsModel, AgreesWithAMapAndADeque) {
  const ModelCase spec = GetParam();
  std::mt19937_64 random(spec.salt + spec.capacity);
  KnownTransmissions known(spec.capacity, spec.salt);
  std::unordered_map<std::uint64_t, std::uint32_t> slots;
  std::deque<std::uint64_t> order;
  for (int step = 0; step < 20000; ++step) {
    const std::uint64_t hash = random() % spec.hashes;
    const auto found = known.find_or_add(hash);
    const auto expected = slots.find(hash);
    ASSERT_EQ(found.fresh, expected == slots.end()) << "step " << step;
    ASSERT_LT(found.slot, spec.capacity);
    if (!found.fresh) {
      ASSERT_EQ(found.slot, expected->second);
      ASSERT_EQ(known.facts(found.slot)->decoded_json, std::to_string(hash));
      continue;
    }
    if (order.size() == spec.capacity) {
      ASSERT_EQ(found.slot, slots.at(order.front()));
      slots.erase(order.front());
      order.pop_front();
    }
    order.push_back(hash);
    slots.emplace(hash, found.slot);
    known.facts(found.slot) = facts_of(hash);
    ASSERT_EQ(known.size(), order.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, KnownTransmissionsModel,
                         testing::Values(ModelCase{1, 3, 1}, ModelCase{2, 5, 2}, ModelCase{3, 4, 3},
                                         ModelCase{7, 100, 4}, ModelCase{8, 9, 5},
                                         ModelCase{64, 70, 6}, ModelCase{64, 1000, 7},
                                         ModelCase{1000, 1500, 8}));

}  // namespace
}  // namespace sluice
