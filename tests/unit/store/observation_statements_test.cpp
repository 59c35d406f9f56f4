#include "store/observation_statements.h"

#include <utility>
#include <vector>

#include "store/io_counter.h"
#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using Outcome = ObservationStatements::Outcome;

class ObservationStatementsTest : public StatementsTest {
 protected:
  ObservationStatementsTest() {
    TransmissionRow transmission;
    transmission.hash = 1;
    statements_->transmissions.insert(transmission);
  }

  static ObservationRow row() {
    ObservationRow row;
    row.transmission_id = 1;
    row.observer_idx = 5;
    row.direction = "rx";
    row.snr = 5.25;
    row.rssi = -88;
    row.score = 512;
    row.path_json = "[\"AA\"]";
    row.received = at(10);
    row.raw_hex = "0901AA";
    row.resolved_path = "[null]";
    return row;
  }
  ObservationStatements& observations() { return statements_->observations; }
  Rows stored() { return rows("SELECT * FROM observations ORDER BY id"); }
};

TEST_F(ObservationStatementsTest, InsertsEveryColumn) {
  EXPECT_EQ(observations().upsert(row()), Outcome::kInserted);
  EXPECT_THAT(stored(),
              ElementsAre("1|1|5|'rx'|5.25|-88|512|'[\"AA\"]'|1714521610|'[null]'|'0901AA'"));
}

TEST_F(ObservationStatementsTest, AbsentIsNullAndEmptyIsEmpty) {
  ObservationRow bare;
  bare.transmission_id = 1;
  bare.received = at(10);
  bare.path_json = "[]";
  observations().upsert(bare);
  bare.direction = "";
  bare.raw_hex = "";
  observations().upsert(bare);
  EXPECT_THAT(stored(), ElementsAre("1|1|NULL|NULL|NULL|NULL|NULL|'[]'|1714521610|NULL|NULL",
                                    "2|1|NULL|''|NULL|NULL|NULL|'[]'|1714521610|NULL|''"));
}

TEST_F(ObservationStatementsTest, NewValuesWinAndTheRestStays) {
  observations().upsert(row());
  ObservationRow newer = row();
  newer.direction = "tx";
  newer.snr = -3.5;
  newer.rssi = -70;
  newer.score = 7;
  newer.received = at(99);
  newer.raw_hex = "";
  newer.resolved_path = "[\"k\"]";
  EXPECT_EQ(observations().upsert(newer), Outcome::kMerged);
  EXPECT_THAT(stored(), ElementsAre("1|1|5|'rx'|-3.5|-70|7|'[\"AA\"]'|1714521610|'[\"k\"]'|''"));
}

TEST_F(ObservationStatementsTest, AbsentValuesKeepWhatIsStored) {
  observations().upsert(row());
  ObservationRow empty;
  empty.transmission_id = 1;
  empty.observer_idx = 5;
  empty.path_json = "[\"AA\"]";
  empty.received = at(99);
  EXPECT_EQ(observations().upsert(empty), Outcome::kMerged);
  EXPECT_THAT(stored(),
              ElementsAre("1|1|5|'rx'|5.25|-88|512|'[\"AA\"]'|1714521610|'[null]'|'0901AA'"));
}

TEST_F(ObservationStatementsTest, AMergeFillsWhatWasAbsent) {
  ObservationRow first = row();
  first.snr.reset();
  first.score.reset();
  first.resolved_path.reset();
  observations().upsert(first);
  observations().upsert(row());
  EXPECT_THAT(rows("SELECT snr, score, resolved_path FROM observations"),
              ElementsAre("5.25|512|'[null]'"));
}

TEST_F(ObservationStatementsTest, EachPartOfTheKeyTellsRowsApart) {
  ObservationRow other = row();
  EXPECT_EQ(observations().upsert(row()), Outcome::kInserted);
  other.observer_idx = 6;
  EXPECT_EQ(observations().upsert(other), Outcome::kInserted);
  other = row();
  other.path_json = "[\"BB\"]";
  EXPECT_EQ(observations().upsert(other), Outcome::kInserted);
  TransmissionRow transmission;
  transmission.hash = 2;
  other = row();
  other.transmission_id = statements_->transmissions.insert(transmission).value();
  EXPECT_EQ(observations().upsert(other), Outcome::kInserted);
  EXPECT_EQ(observations().upsert(row()), Outcome::kMerged);
}

TEST_F(ObservationStatementsTest, AMergeRightAfterAnInsertIsStillToldApart) {
  // The last rowid of an insert, also into another table, must not pass for this one's.
  for (int i = 0; i < 3; ++i) {
    TransmissionRow transmission;
    transmission.hash = static_cast<std::uint64_t>(100 + i);
    statements_->transmissions.insert(transmission);
    EXPECT_EQ(observations().upsert(row()), i == 0 ? Outcome::kInserted : Outcome::kMerged);
  }
}

TEST_F(ObservationStatementsTest, WithoutAnObserverNothingEverMerges) {
  ObservationRow anonymous = row();
  anonymous.observer_idx.reset();
  EXPECT_EQ(observations().upsert(anonymous), Outcome::kInserted);
  EXPECT_EQ(observations().upsert(anonymous), Outcome::kInserted);
  EXPECT_THAT(rows("SELECT count(*) FROM observations"), ElementsAre("2"));
}

TEST_F(ObservationStatementsTest, AnExistingNullPathMergesWithTheEmptyOne) {
  connection_->execute(
      "INSERT INTO observations(transmission_id, observer_idx, timestamp) VALUES (1, 5, 1)");
  ObservationRow empty_path = row();
  empty_path.path_json = "";
  EXPECT_EQ(observations().upsert(empty_path), Outcome::kMerged);
  EXPECT_THAT(rows("SELECT path_json, snr FROM observations"), ElementsAre("NULL|5.25"));
}

TEST_F(ObservationStatementsTest, IdsAscendAcrossMerges) {
  for (int i = 0; i < 6; ++i) {
    ObservationRow next = row();
    next.observer_idx = i / 2;
    observations().upsert(next);
  }
  EXPECT_THAT(rows("SELECT observer_idx FROM observations ORDER BY id"),
              ElementsAre("0", "1", "2"));
}

/// Rows for one statement, and what it says of each.
class RowList final : public ObservationSource {
 public:
  explicit RowList(std::vector<ObservationRow> rows) : rows_(std::move(rows)) {}
  const ObservationRow* next() noexcept override {
    return next_ < rows_.size() ? &rows_[next_++] : nullptr;
  }
  void written(Outcome outcome) noexcept override { outcomes.push_back(outcome); }

  std::vector<Outcome> outcomes;

 private:
  std::vector<ObservationRow> rows_;
  std::size_t next_ = 0;
};

TEST_F(ObservationStatementsTest, OneStatementTakesManyRowsAndTellsWhatBecameOfEach) {
  observations().upsert(row());
  std::vector<ObservationRow> many;
  for (const std::int64_t observer : {7, 5, 8, 7}) {
    many.push_back(row());
    many.back().observer_idx = observer;
    many.back().snr = static_cast<double>(many.size());
  }
  RowList list(many);
  observations().upsert_all(list);
  EXPECT_THAT(list.outcomes, ElementsAre(Outcome::kInserted, Outcome::kMerged, Outcome::kInserted,
                                         Outcome::kMerged));
  EXPECT_THAT(rows("SELECT observer_idx, snr FROM observations ORDER BY id"),
              ElementsAre("5|2", "7|4", "8|3"));
}

TEST_F(ObservationStatementsTest, NoRowsAreNoError) {
  RowList list({});
  observations().upsert_all(list);
  EXPECT_THAT(list.outcomes, testing::IsEmpty());
}

TEST_F(ObservationStatementsTest, ManyRowsNeedNoTemporaryFile) {
  std::vector<ObservationRow> many;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    many.push_back(row());
    many.back().observer_idx = i;
  }
  connection_->begin_immediate();
  RowList first(many);
  observations().upsert_all(first);
  const IoCounts before = io_counts();
  RowList again(many);
  observations().upsert_all(again);  // touches every page of the transaction once more
  EXPECT_EQ(io_counts().other_bytes, before.other_bytes);
  connection_->commit();
}

TEST_F(ObservationStatementsTest, ARowThatCannotBeWrittenIsAConstraint) {
  connection_->execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON observations WHEN NEW.score = 13"
      " BEGIN SELECT RAISE(ABORT, 'unlucky'); END");
  ObservationRow unlucky = row();
  unlucky.score = 13;
  EXPECT_EQ(error_kind_of([&] { observations().upsert(unlucky); }), StoreErrorKind::kConstraint);
  EXPECT_EQ(observations().upsert(row()), Outcome::kInserted);
}

TEST_F(ObservationStatementsTest, TellsWhatBecameOfEachAlsoWhereSomebodyHasMadeTriggers) {
  connection_->execute(
      "CREATE TABLE copies(id INTEGER PRIMARY KEY, observer INTEGER);"
      "CREATE TRIGGER copy AFTER INSERT ON observations"
      " BEGIN INSERT INTO copies(observer) VALUES (NEW.observer_idx); END");
  observations().notice_others();
  std::vector<ObservationRow> many;
  for (const std::int64_t observer : {7, 5, 7}) {
    many.push_back(row());
    many.back().observer_idx = observer;
  }
  RowList list(many);
  observations().upsert_all(list);
  EXPECT_THAT(list.outcomes, ElementsAre(Outcome::kInserted, Outcome::kInserted, Outcome::kMerged));
  EXPECT_THAT(rows("SELECT observer FROM copies ORDER BY id"), ElementsAre("7", "5"));
}

}  // namespace
}  // namespace sluice
