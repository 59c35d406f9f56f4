// What the writer relies on when the environment fails in the middle of a window: the error says
// what it is, the rollback leaves nothing behind, and the same statements run again.

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

class Retry : public StatementsTest {
 protected:
  /// One window: every table that the writer touches, `count` transmissions.
  void write_window(int count, std::string_view json) {
    ObserverUpdate observer;
    observer.id = "OBS";
    observer.seen = observer.clock_now = at(1);
    NodeUpdate node;
    node.public_key = "aa";
    node.new_adverts = 1;
    node.default_scope = "#x";
    MetricsSample sample;
    sample.observer_id = "OBS";
    sample.battery_mv = 1;
    const auto observer_idx = statements_->observers.upsert(observer);
    for (int i = 0; i < count; ++i) {
      TransmissionRow transmission;
      transmission.hash = static_cast<std::uint64_t>(i);
      transmission.received = at(i);
      transmission.decoded_json = json;
      ObservationRow observation;
      observation.transmission_id = statements_->transmissions.insert(transmission).value();
      observation.observer_idx = observer_idx;
      observation.path_json = "[]";
      statements_->observations.upsert(observation);
    }
    statements_->nodes.upsert(node);
    statements_->metrics.merge(sample);
    statements_->dropped_packets.insert({});
    statements_->positions.store("journal", 7);
  }
  Rows counts() {
    return rows(
        "SELECT (SELECT count(*) FROM transmissions), (SELECT count(*) FROM observations),"
        " (SELECT count(*) FROM observers), (SELECT count(*) FROM nodes),"
        " (SELECT count(*) FROM observer_metrics), (SELECT count(*) FROM dropped_packets),"
        " (SELECT count(*) FROM sluice_position)");
  }
};

TEST_F(Retry, AFullDiskIsToldAndTheWindowGoesThroughOnceThereIsRoom) {
  connection_->execute("PRAGMA max_page_count = 90");
  const std::string json(3000, 'x');
  connection_->begin_immediate();
  EXPECT_EQ(error_kind_of([&] { write_window(200, json); }), StoreErrorKind::kFull);
  connection_->rollback();
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_THAT(counts(), ElementsAre("0|0|0|0|0|0|0"));

  connection_->begin_immediate();
  EXPECT_EQ(error_kind_of([&] { write_window(200, json); }), StoreErrorKind::kFull);
  connection_->rollback();

  connection_->execute("PRAGMA max_page_count = 100000");
  connection_->begin_immediate();
  write_window(200, json);
  connection_->commit();
  EXPECT_THAT(counts(), ElementsAre("200|200|1|1|1|1|1"));
}

TEST_F(Retry, ALockHeldElsewhereIsBusyInEveryStatement) {
  connection_->set_busy_timeout(std::chrono::milliseconds(0));
  OtherProcess other(path());
  other.execute("BEGIN IMMEDIATE");
  EXPECT_EQ(error_kind_of([&] { connection_->begin_immediate(); }), StoreErrorKind::kBusy);
  // Outside of a transaction each statement takes the lock for itself.
  EXPECT_EQ(error_kind_of([&] { statements_->observers.upsert({}); }), StoreErrorKind::kBusy);
  EXPECT_EQ(error_kind_of([&] { statements_->transmissions.insert({}); }), StoreErrorKind::kBusy);
  EXPECT_EQ(error_kind_of([&] { statements_->observations.upsert({}); }), StoreErrorKind::kBusy);
  EXPECT_EQ(error_kind_of([&] { statements_->nodes.upsert({}); }), StoreErrorKind::kBusy);
  EXPECT_EQ(error_kind_of([&] { statements_->dropped_packets.insert({}); }), StoreErrorKind::kBusy);
  EXPECT_EQ(error_kind_of([&] { statements_->positions.store("j", 1); }), StoreErrorKind::kBusy);
  EXPECT_EQ(statements_->positions.find("j"), std::nullopt) << "reading goes on";
  other.execute("COMMIT");
  connection_->begin_immediate();
  write_window(3, "{}");
  connection_->commit();
  EXPECT_THAT(counts(), ElementsAre("3|3|1|1|1|1|1"));
}

TEST_F(Retry, RowIdsLearntInARolledBackWindowAreGivenOutAgain) {
  TransmissionRow row;
  row.hash = 1;
  connection_->begin_immediate();
  const auto lost = statements_->transmissions.insert(row);
  connection_->rollback();
  EXPECT_EQ(statements_->transmissions.find(1), std::nullopt);
  row.hash = 2;
  connection_->begin_immediate();
  EXPECT_EQ(statements_->transmissions.insert(row), lost);
  connection_->commit();
}

TEST_F(Retry, IdsAscendInTheOrderOfCommitsAlsoAfterDeletes) {
  TransmissionRow row;
  row.hash = 1;
  const auto first = statements_->transmissions.insert(row);
  connection_->execute("DELETE FROM transmissions");
  EXPECT_GT(statements_->transmissions.insert(row), first);
}

}  // namespace
}  // namespace sluice
