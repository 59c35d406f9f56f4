#include "store/metrics_statements.h"

#include "base/timestamp_text.h"

namespace sluice {

MetricsStatements::MetricsStatements(Connection& connection)
    : merge_(connection,
             "INSERT INTO observer_metrics(observer_id, timestamp, noise_floor, tx_air_secs,"
             " rx_air_secs, recv_errors, battery_mv, packets_sent, packets_recv)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
             " ON CONFLICT(observer_id, timestamp) DO UPDATE SET"
             " noise_floor = COALESCE(excluded.noise_floor, noise_floor),"
             " tx_air_secs = COALESCE(excluded.tx_air_secs, tx_air_secs),"
             " rx_air_secs = COALESCE(excluded.rx_air_secs, rx_air_secs),"
             " recv_errors = COALESCE(excluded.recv_errors, recv_errors),"
             " battery_mv = COALESCE(excluded.battery_mv, battery_mv),"
             " packets_sent = COALESCE(excluded.packets_sent, packets_sent),"
             " packets_recv = COALESCE(excluded.packets_recv, packets_recv)") {}

void MetricsStatements::merge(const MetricsSample& sample) {
  if (!sample.noise_floor && !sample.tx_air_secs && !sample.rx_air_secs && !sample.recv_errors &&
      !sample.battery_mv && !sample.packets_sent && !sample.packets_recv)
    return;
  merge_.run(sample.observer_id, TimestampText(sample.at).view(), sample.noise_floor,
             sample.tx_air_secs, sample.rx_air_secs, sample.recv_errors, sample.battery_mv,
             sample.packets_sent, sample.packets_recv);
}

}  // namespace sluice
