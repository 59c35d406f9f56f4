#include "corescope_server.h"

#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <sqlite3.h>

namespace sluice::test {
namespace {

// Its own list (contract 2.5), on purpose not made from the schema of src/store.
constexpr const char* kNeededColumns[] = {"observations.resolved_path",
                                          "observations.raw_hex",
                                          "observations.observer_idx",
                                          "observers.inactive",
                                          "observers.last_packet_at",
                                          "observers.iata",
                                          "observers.clock_skew_seconds",
                                          "observers.clock_skew_count_24h",
                                          "observers.clock_last_naive_at",
                                          "observers.can_relay",
                                          "observers.can_relay_seen",
                                          "nodes.foreign_advert",
                                          "nodes.default_scope",
                                          "nodes.multibyte_sup",
                                          "nodes.multibyte_evidence",
                                          "inactive_nodes.foreign_advert",
                                          "inactive_nodes.default_scope",
                                          "inactive_nodes.multibyte_sup",
                                          "inactive_nodes.multibyte_evidence",
                                          "transmissions.from_pubkey",
                                          "transmissions.last_seen",
                                          "transmissions.scope_name"};
constexpr const char* kNeededTables[] = {"transmissions", "neighbor_edges"};

std::int64_t number(const std::string& line, std::size_t column) {
  std::size_t at = 0;
  for (; column > 0; --column) at = line.find('|', at) + 1;
  return std::stoll(line.substr(at));
}

}  // namespace

CoreScopeServer::CoreScopeServer(const std::string& path) {
  const std::string uri = fmt::format("file:{}?mode=ro", path);
  if (sqlite3_open_v2(uri.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, nullptr) !=
      SQLITE_OK) {
    const std::string why = sqlite3_errmsg(database_);
    sqlite3_close(database_);
    throw std::runtime_error(fmt::format("{}: {}", why, path));
  }
}

CoreScopeServer::~CoreScopeServer() { sqlite3_close(database_); }

std::vector<std::string> CoreScopeServer::startup_complaints() {
  std::vector<std::string> complaints;
  for (const char* table : kNeededTables) {
    if (rows(fmt::format("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{}'", table))
            .empty()) {
      complaints.emplace_back(table);
    }
  }
  for (const std::string name : kNeededColumns) {
    const auto dot = name.find('.');
    if (rows(fmt::format("SELECT 1 FROM pragma_table_info('{}') WHERE name = '{}'",
                         name.substr(0, dot), name.substr(dot + 1)))
            .empty()) {
      complaints.push_back(name);
    }
  }
  return complaints;
}

CoreScopeServer::Poll CoreScopeServer::poll() {
  Poll found;
  static_cast<void>(rows("BEGIN"));
  for (const std::string& row : rows(fmt::format(kNewTransmissions, last_transmission_))) {
    const std::int64_t id = number(row, 0);
    if (!found.transmissions.empty() && found.transmissions.back() == id) continue;
    found.transmissions.push_back(id);
    const bool has_observation =
        !rows(fmt::format("SELECT 1 FROM observations WHERE transmission_id = {}", id)).empty();
    if (!has_observation) found.bare.push_back(id);
  }
  if (!found.transmissions.empty()) last_transmission_ = found.transmissions.back();
  for (const std::string& row : rows(fmt::format(kNewObservations, last_observation_))) {
    found.observations.push_back(number(row, 0));
    // At most 100 transmissions come with one poll: those beyond it are for the next.
    if (found.transmissions.size() < 100 && number(row, 1) > last_transmission_) {
      found.orphans.push_back(found.observations.back());
    }
  }
  if (!found.observations.empty()) last_observation_ = found.observations.back();
  static_cast<void>(rows("COMMIT"));
  return found;
}

std::vector<std::string> CoreScopeServer::rows(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(database_), sql));
  }
  std::vector<std::string> result;
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (i > 0) line += '|';
      const auto* text = sqlite3_column_text(statement, i);
      line += text != nullptr ? reinterpret_cast<const char*>(text) : "NULL";
    }
    result.push_back(line);
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) {
    throw std::runtime_error(fmt::format("{}: {}", sqlite3_errmsg(database_), sql));
  }
  return result;
}

int CoreScopeServer::try_to_write(const std::string& sql) {
  sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return sqlite3_extended_errcode(database_);
}

}  // namespace sluice::test
