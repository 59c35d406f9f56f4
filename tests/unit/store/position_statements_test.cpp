#include "store/position_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

class PositionStatementsTest : public StatementsTest {
 protected:
  PositionStatements& positions() { return statements_->positions; }
};

TEST_F(PositionStatementsTest, EachJournalHasItsOwn) {
  EXPECT_EQ(positions().find("a"), std::nullopt);
  positions().store("a", 1);
  positions().store("b", 2);
  positions().store("a", 1ULL << 62);
  EXPECT_EQ(positions().find("a"), 1ULL << 62);
  EXPECT_EQ(positions().find("b"), 2U);
}

TEST_F(PositionStatementsTest, ADiscardedJournalIsForgotten) {
  positions().store("a", 1);
  positions().erase("a");
  EXPECT_EQ(positions().find("a"), std::nullopt);
}

TEST_F(PositionStatementsTest, GoesWithTheTransaction) {
  connection_->begin_immediate();
  positions().store("a", 1);
  connection_->commit();
  connection_->begin_immediate();
  positions().store("a", 2);
  connection_->rollback();
  EXPECT_EQ(positions().find("a"), 1U);
}

}  // namespace
}  // namespace sluice
