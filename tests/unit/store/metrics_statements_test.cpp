#include "store/metrics_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MetricsStatementsTest : public StatementsTest {
 protected:
  static MetricsSample sample(std::int64_t seconds) {
    MetricsSample sample;
    sample.observer_id = "OBS";
    sample.at = at(seconds);
    return sample;
  }
  MetricsStatements& metrics() { return statements_->metrics; }
  Rows stored() { return rows("SELECT * FROM observer_metrics ORDER BY timestamp"); }
};

TEST_F(MetricsStatementsTest, StoresEveryColumn) {
  MetricsSample full = sample(300);
  full.noise_floor = -110.5;
  full.tx_air_secs = 1;
  full.rx_air_secs = 2;
  full.recv_errors = 3;
  full.battery_mv = 4;
  full.packets_sent = 5;
  full.packets_recv = 6;
  metrics().merge(full);
  EXPECT_THAT(stored(), ElementsAre("'OBS'|'2024-05-01T00:05:00Z'|-110.5|1|2|3|4|5|6"));
}

TEST_F(MetricsStatementsTest, ALaterValueReplacesAndAnAbsentOneKeeps) {
  MetricsSample first = sample(0);
  first.noise_floor = -110;
  first.battery_mv = 3700;
  metrics().merge(first);
  MetricsSample second = sample(0);
  second.battery_mv = 3650;
  second.packets_recv = 0;
  metrics().merge(second);
  EXPECT_THAT(stored(),
              ElementsAre("'OBS'|'2024-05-01T00:00:00Z'|-110|NULL|NULL|NULL|3650|NULL|0"));
}

TEST_F(MetricsStatementsTest, AnotherTimeIsAnotherRow) {
  MetricsSample first = sample(0);
  first.battery_mv = 1;
  metrics().merge(first);
  first.at = at(300);
  metrics().merge(first);
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(MetricsStatementsTest, ASampleWithoutAValueWritesNoRow) {
  metrics().merge(sample(0));
  EXPECT_THAT(stored(), IsEmpty());
}

}  // namespace
}  // namespace sluice
