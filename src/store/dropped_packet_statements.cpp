#include "store/dropped_packet_statements.h"

#include "store/column_text.h"

namespace sluice {

DroppedPacketStatements::DroppedPacketStatements(Connection& connection)
    : insert_(connection,
              "INSERT INTO dropped_packets(hash, raw_hex, reason, observer_id, observer_name,"
              " node_pubkey, node_name, dropped_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") {}

void DroppedPacketStatements::insert(const DroppedPacketRow& row) {
  insert_.run(HashText(row.hash).view(), row.raw_hex, row.reason, row.observer_id,
              row.observer_name, row.node_pubkey, row.node_name,
              SqlTimestampText(row.received).view());
}

}  // namespace sluice
