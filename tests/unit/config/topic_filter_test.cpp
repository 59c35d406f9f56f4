#include "config/topic_filter.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(TopicFilter, AcceptsWhatABrokerAccepts) {
  for (const std::string_view filter :
       {"#", "+", "/", "meshcore/#", "meshcore/+/+/packets", "+/+", "meshcore//x", " ", "a b",
        "$SYS/#", "$share/group/meshcore/#", "$share/g/#", "$shared", "meshcore/\xc3\xa4"}) {
    EXPECT_TRUE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(TopicFilter, RejectsMisplacedWildcards) {
  for (const std::string_view filter :
       {"meshcore/#/packets", "meshcore#", "meshcore/a#", "#/", "##", "a+/b", "a/+b", "++",
        "meshcore/#a", "$share/group/a#"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(TopicFilter, RejectsWhatNoPacketCanCarry) {
  EXPECT_FALSE(is_valid_topic_filter(""));
  EXPECT_FALSE(is_valid_topic_filter(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_valid_topic_filter("a/\xff"));
  EXPECT_TRUE(is_valid_topic_filter(std::string(65535, 'a')));
  EXPECT_FALSE(is_valid_topic_filter(std::string(65536, 'a')));
}

TEST(TopicFilter, RejectsASharedSubscriptionWithoutGroupOrFilter) {
  for (const std::string_view filter :
       {"$share/", "$share//a", "$share/group", "$share/group/", "$share/gr+up/a", "$share/#"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

struct FilterPair {
  const char* a;
  const char* b;
  bool overlap;
};

class TopicFiltersOverlap : public testing::TestWithParam<FilterPair> {};

TEST_P(TopicFiltersOverlap, AreToldApart) {
  const FilterPair& pair = GetParam();
  EXPECT_EQ(topic_filters_overlap(pair.a, pair.b), pair.overlap) << pair.a << " " << pair.b;
  EXPECT_EQ(topic_filters_overlap(pair.b, pair.a), pair.overlap) << pair.b << " " << pair.a;
}

INSTANTIATE_TEST_SUITE_P(
    Table, TopicFiltersOverlap,
    testing::Values(FilterPair{"a/b", "a/b", true}, FilterPair{"a/b", "a/c", false},
                    FilterPair{"a/b", "a/b/c", false}, FilterPair{"a/#", "a/b/c", true},
                    FilterPair{"a/#", "a", true}, FilterPair{"a/#", "b/#", false},
                    FilterPair{"#", "a/b", true}, FilterPair{"+/b", "a/+", true},
                    FilterPair{"+/b", "a/c", false}, FilterPair{"+", "a/b", false},
                    FilterPair{"a/+/c", "a/b/+", true}, FilterPair{"a/+", "a/#", true},
                    FilterPair{"#", "$SYS/x", false}, FilterPair{"+/x", "$SYS/x", false},
                    FilterPair{"$SYS/#", "$SYS/x", true},
                    FilterPair{"$share/g/a/#", "$share/g/a/#", false},
                    FilterPair{"$share/g/a/#", "$share/h/a/b", true},
                    FilterPair{"$share/g/a/#", "a/b", true}));

}  // namespace
}  // namespace sluice
