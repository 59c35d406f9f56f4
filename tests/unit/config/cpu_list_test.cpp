#include "config/cpu_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> cpus_of(std::string_view text) {
  const CpuListResult list = parse_cpu_list(text);
  EXPECT_TRUE(list.valid) << text;
  return list.cpus;
}

TEST(ParseCpuList, TakesNumbersAndRanges) {
  EXPECT_THAT(cpus_of("3"), ElementsAre(3));
  EXPECT_THAT(cpus_of("0-3,6"), ElementsAre(0, 1, 2, 3, 6));
  EXPECT_THAT(cpus_of(" 1 , 4 - 5 "), ElementsAre(1, 4, 5));
  EXPECT_THAT(cpus_of("7-7"), ElementsAre(7));
  EXPECT_THAT(cpus_of("1023"), ElementsAre(kLastCpu));
}

TEST(ParseCpuList, PutsThemInOrderEachOnce) {
  EXPECT_THAT(cpus_of("6,0-2,1-3"), ElementsAre(0, 1, 2, 3, 6));
}

TEST(ParseCpuList, NothingIsTheEmptyList) {
  EXPECT_THAT(cpus_of(""), IsEmpty());
  EXPECT_THAT(cpus_of("  "), IsEmpty());
}

TEST(ParseCpuList, RefusesEverythingElse) {
  for (const char* text : {"x", "1,", ",1", "1,,2", "3-1", "-1", "1-", "1-2-3", "1024", "0-1024",
                           "99999999999", "0x1", "+1", "1.0", "1 2", "all"}) {
    const CpuListResult list = parse_cpu_list(text);
    EXPECT_FALSE(list.valid) << text;
    EXPECT_THAT(list.cpus, IsEmpty()) << text;
  }
}

TEST(CpuListText, JoinsNeighbours) {
  EXPECT_EQ(cpu_list_text({}), "");
  EXPECT_EQ(cpu_list_text({5}), "5");
  EXPECT_EQ(cpu_list_text({0, 1}), "0-1");
  EXPECT_EQ(cpu_list_text({0, 1, 2, 4, 6, 7}), "0-2,4,6-7");
}

}  // namespace
}  // namespace sluice
