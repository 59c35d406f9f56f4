#include "store/position_statements.h"

namespace sluice {

PositionStatements::PositionStatements(Connection& connection)
    : find_(connection, "SELECT seq FROM sluice_position WHERE journal_uuid = ?1"),
      store_(connection,
             "INSERT INTO sluice_position(journal_uuid, seq) VALUES (?1, ?2)"
             " ON CONFLICT(journal_uuid) DO UPDATE SET seq = excluded.seq"),
      erase_(connection, "DELETE FROM sluice_position WHERE journal_uuid = ?1") {}

std::optional<std::uint64_t> PositionStatements::find(std::string_view journal_uuid) {
  const auto row = find_.query(journal_uuid);
  if (!row) return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(0));
}

void PositionStatements::store(std::string_view journal_uuid, std::uint64_t sequence) {
  store_.run(journal_uuid, sequence);
}

void PositionStatements::erase(std::string_view journal_uuid) { erase_.run(journal_uuid); }

}  // namespace sluice
