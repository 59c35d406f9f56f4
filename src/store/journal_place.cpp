#include "store/journal_place.h"

#include "store/statement.h"

namespace sluice {

std::optional<std::string> remembered_journal_place(Connection& connection) {
  Statement statement(connection, "SELECT value FROM sluice_meta WHERE key = 'journal_place'");
  const auto row = statement.query();
  if (!row) return std::nullopt;
  return std::string(row.text(0));
}

void remember_journal_place(Connection& connection, std::string_view place) {
  Statement(connection,
            "INSERT INTO sluice_meta(key, value) VALUES ('journal_place', ?1)"
            " ON CONFLICT(key) DO UPDATE SET value = excluded.value")
      .run(place);
}

std::vector<std::string> journals_with_position(Connection& connection) {
  Statement statement(connection, "SELECT journal_uuid FROM sluice_position");
  std::vector<std::string> journals;
  Statement::Row row = statement.query();
  if (!row) return journals;
  do {
    journals.emplace_back(row.text(0));
  } while (row.next());
  return journals;
}

}  // namespace sluice
