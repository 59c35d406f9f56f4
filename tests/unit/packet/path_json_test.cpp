#include "packet/path_json.h"

#include <gtest/gtest.h>

#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

std::string path_of(std::string_view hex) {
  const auto bytes = test::unhex(hex);
  Arena arena(64);
  return std::string(path_json(parse_frame(bytes).frame, arena));
}

TEST(PathJson, IsAnEmptyArrayWithoutHops) { EXPECT_EQ(path_of("0d4011223344"), "[]"); }

TEST(PathJson, ListsHopsInUpperCase) {
  EXPECT_EQ(path_of("0d03abcdef11223344"), R"(["AB","CD","EF"])");
  EXPECT_EQ(path_of("0d81abcdef11223344"), R"(["ABCDEF"])");
}

TEST(PathJson, OfATraceIsItsRouteNotItsSignalValues) {
  EXPECT_EQ(path_of("260231f244332211bebafeca00aabbcc"), R"(["AA","BB","CC"])");
}

TEST(PathJson, OfATraceIgnoresARemainder) {
  EXPECT_EQ(path_of("260044332211bebafeca01aabbcc"), R"(["AABB"])");
  EXPECT_EQ(path_of("26013144332211bebafeca03aa"), "[]");
}

TEST(PathJson, OfATraceWithoutARouteKeepsTheHeader) {
  EXPECT_EQ(path_of("260231f244332211bebafeca00"), R"(["31","F2"])");
  EXPECT_EQ(path_of("260231f24433"), R"(["31","F2"])");
}

}  // namespace
}  // namespace sluice
