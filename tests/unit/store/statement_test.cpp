#include "store/statement.h"

#include <limits>

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

class StatementTest : public StoreTest {
 protected:
  StatementTest() : connection_(ConnectionOptions{path()}) {
    connection_.execute("CREATE TABLE t (a, b)");
  }
  Rows values() { return rows(connection_, "SELECT a FROM t ORDER BY rowid"); }

  Connection connection_;
};

TEST_F(StatementTest, AnEmptyViewIsAnEmptyTextAndOnlyAnAbsentOneIsNull) {
  Statement insert(connection_, "INSERT INTO t(a) VALUES (?1)");
  insert.run(std::string_view());
  insert.run(std::string_view(""));
  insert.run(std::optional<std::string_view>(std::string_view()));
  insert.run(std::optional<std::string_view>());
  EXPECT_THAT(values(), ElementsAre("''", "''", "''", "NULL"));
}

TEST_F(StatementTest, TextIsBoundByItsLength) {
  const std::string text = "abcdef";
  Statement insert(connection_, "INSERT INTO t(a) VALUES (?1)");
  insert.run(std::string_view(text).substr(1, 2));
  insert.run(std::string_view("\0\xff", 2));
  EXPECT_THAT(rows(connection_, "SELECT hex(a) FROM t ORDER BY rowid"),
              ElementsAre("'6263'", "'00FF'"));
}

TEST_F(StatementTest, NumbersKeepTheirTypeAndWhatIsNotFiniteIsNull) {
  Statement insert(connection_, "INSERT INTO t(a) VALUES (?1)");
  insert.run(std::numeric_limits<std::int64_t>::min());
  insert.run(std::uint8_t{200});
  insert.run(true);
  insert.run(1.0);
  insert.run(std::numeric_limits<double>::infinity());
  insert.run(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(rows(connection_, "SELECT a, typeof(a) FROM t ORDER BY rowid"),
              ElementsAre("-9223372036854775808|'integer'", "200|'integer'", "1|'integer'",
                          "1|'real'", "NULL|'null'", "NULL|'null'"));
}

TEST_F(StatementTest, AQueryWalksItsRowsAndIsResetBehindThem) {
  connection_.execute("INSERT INTO t(a) VALUES (1), (2), (3)");
  Statement select(connection_, "SELECT a FROM t WHERE a >= ?1 ORDER BY a");
  {
    auto row = select.query(2);
    ASSERT_TRUE(row);
    EXPECT_EQ(row.integer(0), 2);
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.integer(0), 3);
    EXPECT_FALSE(row.next());
    EXPECT_FALSE(row);
  }
  { EXPECT_FALSE(select.query(4)); }
  { EXPECT_TRUE(select.query(1)) << "left in the middle"; }
  EXPECT_EQ(select.query(3).integer(0), 3);
}

TEST_F(StatementTest, AFailedStatementCanRunAgain) {
  connection_.execute("CREATE UNIQUE INDEX one_of_each ON t(a)");
  Statement insert(connection_, "INSERT INTO t(a) VALUES (?1)");
  insert.run(1);
  EXPECT_EQ(error_kind_of([&] { insert.run(1); }), StoreErrorKind::kConstraint);
  insert.run(2);
  EXPECT_THAT(values(), ElementsAre("1", "2"));
}

TEST_F(StatementTest, ATextOverTheLimitIsThisRowsFault) {
  sqlite3_limit(connection_.handle(), SQLITE_LIMIT_LENGTH, 100);
  Statement insert(connection_, "INSERT INTO t(a) VALUES (?1)");
  const std::string long_text(1000, 'x');
  EXPECT_EQ(error_kind_of([&] { insert.run(std::string_view(long_text)); }),
            StoreErrorKind::kConstraint);
  insert.run(std::string_view("short"));
  EXPECT_THAT(values(), ElementsAre("'short'"));
}

TEST_F(StatementTest, AMissingTableFailsAtOnce) {
  const auto error = error_of([&] { Statement(connection_, "SELECT * FROM nowhere"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), testing::HasSubstr("no such table: nowhere"));
}

}  // namespace
}  // namespace sluice
