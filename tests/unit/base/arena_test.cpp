#include "base/arena.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Arena, ViewsSurviveWhateverIsAddedLater) {
  Arena arena(64);
  std::vector<std::pair<std::string, std::string_view>> kept;
  for (std::size_t i = 0; i < 500; ++i) {
    std::string text(i % 90, static_cast<char>('a' + i % 26));
    const std::string_view view = arena.copy(text);
    kept.emplace_back(std::move(text), view);
  }
  for (const auto& [text, view] : kept) EXPECT_EQ(view, text);
}

TEST(Arena, EmptyTextCostsNothingAndIsNotNull) {
  Arena arena;
  const std::string_view view = arena.copy("");
  EXPECT_TRUE(view.empty());
  EXPECT_NE(view.data(), nullptr);
  EXPECT_EQ(arena.allocated_bytes(), 0U);
}

TEST(Arena, GivenBackBytesAreUsedAgain) {
  Arena arena(64);
  char* const first = arena.allocate(40);
  arena.give_back(30);
  EXPECT_EQ(arena.allocate(5), first + 10);
  EXPECT_EQ(arena.allocated_bytes(), 64U);
}

TEST(Arena, TakesWhatIsLargerThanABlock) {
  Arena arena(16);
  const std::string text(1000, 'x');
  EXPECT_EQ(arena.copy(text), text);
  EXPECT_EQ(arena.allocated_bytes(), 1000U);
}

}  // namespace
}  // namespace sluice
