#include "store/known_names.h"

#include "store/statement.h"

namespace sluice {
namespace {

const char* query_for(NamedTable table) {
  switch (table) {
    case NamedTable::kObservers:
      return "SELECT id FROM (SELECT id, last_seen FROM observers ORDER BY last_seen DESC"
             " LIMIT ?1) ORDER BY last_seen";
    case NamedTable::kNodes:
      return "SELECT public_key FROM (SELECT public_key, last_seen FROM nodes"
             " ORDER BY last_seen DESC LIMIT ?1) ORDER BY last_seen";
    case NamedTable::kClientObservers:
      break;
  }
  return "SELECT pubkey FROM (SELECT pubkey, last_seen FROM client_observers"
         " ORDER BY last_seen DESC LIMIT ?1) ORDER BY last_seen";
}

}  // namespace

void read_known_names(Connection& connection, NamedTable table, std::int64_t most,
                      const std::function<void(std::string_view name)>& use) {
  Statement statement(connection, query_for(table));
  Statement::Row row = statement.query(most);
  if (!row) return;
  do {
    use(row.text(0));
  } while (row.next());
}

}  // namespace sluice
