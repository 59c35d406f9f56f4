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

}  // namespace
}  // namespace sluice
