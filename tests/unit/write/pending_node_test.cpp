#include "write/pending_node.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace sluice {
namespace {

class PendingNodeScope : public testing::Test {
 protected:
  void advert(std::optional<std::string_view> scope) {
    auto facts = std::make_shared<TransmissionFacts>();
    facts->advert.emplace().pubkey = "aa";
    Packet copy;
    copy.facts = std::move(facts);
    copy.scope_name = scope;
    node_.note_advert(copy, test::kTestEpoch);
    kept_.push_back(copy.facts);
  }

  PendingNode node_;
  std::vector<std::shared_ptr<const TransmissionFacts>> kept_;
};

TEST_F(PendingNodeScope, OneScopeIsNoChangeHoweverOftenItIsNamed) {
  for (const char* scope : {"#a", "", "#a"}) advert(scope);
  advert(std::nullopt);
  EXPECT_EQ(node_.default_scope, "#a");
  EXPECT_FALSE(node_.scope_changed);
}

TEST_F(PendingNodeScope, ThereAndBackIsAChange) {
  for (const char* scope : {"#a", "#b", "#a"}) advert(scope);
  EXPECT_EQ(node_.default_scope, "#a");
  EXPECT_TRUE(node_.scope_changed);
}

}  // namespace
}  // namespace sluice
