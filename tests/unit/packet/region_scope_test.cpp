#include "packet/crypto/region_scope.h"

#include <gtest/gtest.h>

#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

// Scoped to "europe".
constexpr char kScoped[] = "14ecb2000000112a6016aae925d78965ba02cd227a61af4527";

std::optional<std::string> scope_of(std::string_view hex, const RegionKeys& regions) {
  const auto bytes = test::unhex(hex);
  const auto scope = regions.match(parse_frame(bytes).frame);
  if (!scope) return std::nullopt;
  return std::string(*scope);
}

TEST(RegionKeys, NamesTheRegion) {
  EXPECT_EQ(scope_of(kScoped, RegionKeys({"pnw", "europe"})), "#europe");
  EXPECT_EQ(scope_of(kScoped, RegionKeys({"#europe"})), "#europe");
}

TEST(RegionKeys, CaseMatters) { EXPECT_EQ(scope_of(kScoped, RegionKeys({"Europe"})), ""); }

TEST(RegionKeys, AForeignRegionIsEmptyNotAbsent) {
  EXPECT_EQ(scope_of(kScoped, RegionKeys({"pnw"})), "");
  EXPECT_EQ(scope_of(kScoped, RegionKeys({})), "");
}

TEST(RegionKeys, WithoutCodesThereIsNoScope) {
  EXPECT_EQ(scope_of("1500112a6016aae925", RegionKeys({"europe"})), std::nullopt);
  EXPECT_EQ(scope_of("140000b2ec00112a60", RegionKeys({"europe"})), std::nullopt);
}

TEST(RegionKeys, AnEmptyPayloadMatchesNothing) {
  EXPECT_EQ(scope_of("14ecb2000000", RegionKeys({"europe"})), "");
}

TEST(RegionKeys, RepeatedNamesCountOnce) {
  EXPECT_EQ(RegionKeys({"europe", "#europe", "pnw", "europe"}).size(), 2U);
}

}  // namespace
}  // namespace sluice
