#pragma once

#include "store/client_statements.h"
#include "store/dropped_packet_statements.h"
#include "store/metrics_statements.h"
#include "store/node_statements.h"
#include "store/observation_statements.h"
#include "store/observer_statements.h"
#include "store/position_statements.h"
#include "store/schema.h"
#include "store/transmission_statements.h"

namespace sluice {

/// Every statement the writer needs, prepared once. Needs the schema (create_schema()), and must
/// be destroyed before the Connection is closed.
///
/// Thread: bound(write).
struct Statements {
  explicit Statements(Connection& connection)
      : transmissions(connection, schema_features(connection)),
        observations(connection),
        observers(connection),
        metrics(connection),
        nodes(connection),
        dropped_packets(connection),
        clients(connection),
        positions(connection) {}

  TransmissionStatements transmissions;
  ObservationStatements observations;
  ObserverStatements observers;
  MetricsStatements metrics;
  NodeStatements nodes;
  DroppedPacketStatements dropped_packets;
  ClientStatements clients;
  PositionStatements positions;
};

}  // namespace sluice
