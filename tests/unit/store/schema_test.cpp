#include "store/schema.h"

#include <algorithm>
#include <map>

#include <simdjson.h>

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SchemaTest : public StoreTest {
 protected:
  Rows query(const std::string& sql) {
    if (!connection_) connection_ = open_with_schema();
    return rows(*connection_, sql);
  }
  void reopen(const SchemaOptions& options = {}) {
    connection_.reset();
    connection_ = open_with_schema(options);
  }
  /// What there is before Sluice comes: a full file, changed by `sql`.
  void start_from(const std::string& sql) {
    connection_ = open_with_schema();
    connection_.reset();
    OtherProcess(path()).execute(sql);
  }
  static std::vector<std::string> meta(std::string_view key) {
    simdjson::dom::parser parser;
    const auto file = parser.load(SLUICE_SOURCE_ROOT "/tests/data/schema-meta.json");
    std::vector<std::string> values;
    for (const auto value : file[key].get_array()) values.emplace_back(value.get_c_str().value());
    return values;
  }

  std::unique_ptr<Connection> connection_;
};

// name type, !: NOT NULL, =default, #n: place in the primary key
const std::map<std::string, Rows> kTables = {
    {"nodes",
     {"public_key TEXT #1", "name TEXT", "role TEXT", "lat REAL", "lon REAL", "last_seen TEXT",
      "first_seen TEXT", "advert_count INTEGER =0", "battery_mv INTEGER", "temperature_c REAL",
      "foreign_advert INTEGER =0", "default_scope TEXT =NULL", "multibyte_sup INTEGER ! =0",
      "multibyte_evidence TEXT"}},
    {"observers",
     {"id TEXT #1",
      "name TEXT",
      "iata TEXT",
      "last_seen TEXT",
      "first_seen TEXT",
      "packet_count INTEGER =0",
      "model TEXT",
      "firmware TEXT",
      "client_version TEXT",
      "radio TEXT",
      "battery_mv INTEGER",
      "uptime_secs INTEGER",
      "noise_floor REAL",
      "inactive INTEGER =0",
      "last_packet_at TEXT =NULL",
      "clock_skew_seconds INTEGER =NULL",
      "clock_skew_count_24h INTEGER =0",
      "clock_last_naive_at TEXT =NULL",
      "can_relay INTEGER =1",
      "can_relay_seen INTEGER =0"}},
    {"transmissions",
     {"id INTEGER #1", "raw_hex TEXT !", "hash TEXT !", "first_seen TEXT !", "route_type INTEGER",
      "payload_type INTEGER", "payload_version INTEGER", "decoded_json TEXT", "from_pubkey TEXT",
      "last_seen INTEGER ! =0", "created_at TEXT =datetime('now')", "channel_hash TEXT =NULL",
      "scope_name TEXT =NULL"}},
    {"observations",
     {"id INTEGER #1", "transmission_id INTEGER !", "observer_idx INTEGER", "direction TEXT",
      "snr REAL", "rssi REAL", "score INTEGER", "path_json TEXT", "timestamp INTEGER !",
      "resolved_path TEXT", "raw_hex TEXT"}},
    {"observer_metrics",
     {"observer_id TEXT ! #1", "timestamp TEXT ! #2", "noise_floor REAL", "tx_air_secs INTEGER",
      "rx_air_secs INTEGER", "recv_errors INTEGER", "battery_mv INTEGER", "packets_sent INTEGER",
      "packets_recv INTEGER"}},
    {"dropped_packets",
     {"id INTEGER #1", "hash TEXT", "raw_hex TEXT", "reason TEXT !", "observer_id TEXT",
      "observer_name TEXT", "node_pubkey TEXT", "node_name TEXT",
      "dropped_at DATETIME =CURRENT_TIMESTAMP"}},
    {"neighbor_edges",
     {"node_a TEXT ! #1", "node_b TEXT ! #2", "count INTEGER =1", "last_seen TEXT"}},
    {"client_receptions",
     {"id INTEGER #1", "rx_pubkey TEXT !", "heard_key TEXT !", "heard_keylen INTEGER !",
      "rssi INTEGER", "snr REAL", "lat REAL !", "lon REAL !", "pos_acc_m REAL", "rx_at TEXT !",
      "ingested_at TEXT !", "src TEXT !"}},
    {"client_observers", {"pubkey TEXT #1", "name TEXT", "last_seen TEXT"}},
    {"_migrations", {"name TEXT #1"}},
    {"_async_migrations",
     {"name TEXT #1", "status TEXT !", "started_at TEXT ! =datetime('now')", "ended_at TEXT",
      "error TEXT"}},
};

/// From pragma_table_info, in the notation of kTables.
constexpr char kColumns[] =
    "SELECT name || ' ' || type || iif(\"notnull\", ' !', '') ||"
    " coalesce(' =' || dflt_value, '') || iif(pk, ' #' || pk, '') FROM pragma_table_info('";

Rows unquoted(Rows rows) {
  for (std::string& row : rows) row = row.substr(1, row.size() - 2);
  return rows;
}

TEST_F(SchemaTest, TablesHaveTheColumnsInOrder) {
  for (const auto& [table, columns] : kTables)
    EXPECT_THAT(unquoted(query(kColumns + table + "')")), ElementsAreArray(columns)) << table;
  EXPECT_THAT(unquoted(query(std::string(kColumns) + "inactive_nodes')")),
              ElementsAreArray(kTables.at("nodes")));
}

TEST_F(SchemaTest, ThereAreNoOtherTablesThanTheSharedAndOurOwn) {
  Rows expected = {"inactive_nodes", "sluice_meta", "sluice_position", "sqlite_sequence"};
  for (const auto& [table, columns] : kTables) expected.push_back(table);
  EXPECT_THAT(unquoted(query("SELECT name FROM sqlite_master WHERE type = 'table'")),
              testing::UnorderedElementsAreArray(expected));
}

TEST_F(SchemaTest, IdsAreNeverReusedAndObservationsNeedTheirTransmission) {
  EXPECT_THAT(unquoted(query("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")),
              testing::UnorderedElementsAre("transmissions", "observations", "dropped_packets",
                                            "client_receptions"));
  EXPECT_THAT(query("SELECT \"table\", \"from\", \"to\" FROM"
                    " pragma_foreign_key_list('observations')"),
              ElementsAre("'transmissions'|'transmission_id'|'id'"));
  EXPECT_THAT(query("SELECT name FROM pragma_table_list WHERE wr AND name NOT LIKE 'sluice%'"),
              IsEmpty())
      << "only our own tables are without a rowid";
}

TEST_F(SchemaTest, UniqueKeysAreThere) {
  const char* keys =
      "SELECT m.name || '(' || group_concat(x.name) || ')'"
      " FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) x"
      " WHERE m.type = 'table' AND i.origin = 'u' GROUP BY i.name ORDER BY 1";
  EXPECT_THAT(unquoted(query(keys)),
              ElementsAre("client_receptions(rx_pubkey,heard_key,rx_at)", "transmissions(hash)"));
}

TEST_F(SchemaTest, IndexesCoverWhatTheyShould) {
  // Name, then the columns (empty: an expression), U: unique, P: partial.
  const char* list =
      "SELECT i.name || ' ' || (SELECT group_concat(coalesce(x.name, '')) FROM"
      " (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x) ||"
      " iif(i.\"unique\", ' U', '') || iif(i.partial, ' P', '')"
      " FROM sqlite_master m, pragma_index_list(m.name) i"
      " WHERE m.type = 'table' AND i.origin = 'c' ORDER BY 1";
  EXPECT_THAT(
      unquoted(query(list)),
      ElementsAre("idx_client_recept_heard_geo heard_key,heard_keylen,lat,lon",
                  "idx_client_recept_latlon lat,lon",           //
                  "idx_client_recept_rxat rx_at",               //
                  "idx_dropped_node node_pubkey",               //
                  "idx_dropped_observer observer_id",           //
                  "idx_inactive_nodes_last_seen last_seen",     //
                  "idx_nodes_foreign_advert foreign_advert P",  //
                  "idx_nodes_last_seen last_seen",              //
                  "idx_observations_dedup transmission_id,observer_idx, U",
                  "idx_observations_observer_idx observer_idx",
                  "idx_observations_observer_idx_timestamp observer_idx,timestamp",
                  "idx_observations_timestamp timestamp",
                  "idx_observations_transmission_id transmission_id",
                  "idx_observations_tx_ts transmission_id,timestamp",
                  "idx_observer_metrics_timestamp timestamp", "idx_observers_last_seen last_seen",
                  "idx_transmissions_first_seen first_seen",
                  "idx_transmissions_from_pubkey from_pubkey", "idx_transmissions_hash hash",
                  "idx_transmissions_payload_type payload_type",
                  "idx_tx_channel_hash channel_hash P", "idx_tx_last_seen_zero id P",
                  "idx_tx_scope_name scope_name P"));
}

TEST_F(SchemaTest, PartialAndExpressionIndexesSayWhatTheyShould) {
  const std::pair<const char*, const char*> parts[] = {
      {"idx_nodes_foreign_advert", "WHERE foreign_advert = 1"},
      {"idx_tx_channel_hash", "WHERE payload_type = 5"},
      {"idx_tx_scope_name", "WHERE scope_name IS NOT NULL"},
      {"idx_tx_last_seen_zero", "WHERE last_seen = 0"},
      {"idx_observations_dedup", "COALESCE(path_json, '')"},
  };
  for (const auto& [name, part] : parts)
    EXPECT_THAT(query(std::string("SELECT sql FROM sqlite_master WHERE name = '") + name + "'"),
                ElementsAre(HasSubstr(part)));
}

TEST_F(SchemaTest, TheViewJoinsAnObservationToItsTransmissionAndActiveObserver) {
  query("INSERT INTO observers(id, name, inactive) VALUES ('A', 'a', NULL), ('B', 'b', 1)");
  query(
      "INSERT INTO transmissions(raw_hex, hash, first_seen, created_at) VALUES"
      " ('raw', 'h', 'f', 'c')");
  query(
      "INSERT INTO observations(transmission_id, observer_idx, timestamp, raw_hex) VALUES"
      " (1, 1, 1714521600, 'own'), (1, 2, 1714521601, NULL), (1, NULL, 1714521602, NULL)");
  EXPECT_THAT(
      query("SELECT id, raw_hex, timestamp, observer_id, observer_name FROM packets_v ORDER BY id"),
      ElementsAre("1|'own'|'2024-05-01 00:00:00'|'A'|'a'",
                  "2|'raw'|'2024-05-01 00:00:01'|NULL|NULL",
                  "3|'raw'|'2024-05-01 00:00:02'|NULL|NULL"));
  EXPECT_THAT(unquoted(query("SELECT name FROM pragma_table_info('packets_v')")),
              ElementsAre("id", "raw_hex", "timestamp", "observer_id", "observer_name", "direction",
                          "snr", "rssi", "score", "hash", "route_type", "payload_type",
                          "payload_version", "path_json", "decoded_json", "created_at"));
}

TEST_F(SchemaTest, MigrationRowsAreThoseOfTheGoIngestor) {
  reopen({.region_keys = true});
  EXPECT_THAT(unquoted(query("SELECT name FROM _migrations ORDER BY rowid")),
              ElementsAreArray(meta("migrations")));
  EXPECT_THAT(query("SELECT name, status, error FROM _async_migrations ORDER BY rowid"),
              ElementsAre("'obs_observer_ts_idx_v1'|'done'|NULL",
                          "'tx_last_seen_backfill_v1'|'done'|NULL"));
  EXPECT_THAT(query("SELECT count(*) FROM _async_migrations WHERE"
                    " datetime(started_at) = started_at AND datetime(ended_at) = ended_at"),
              ElementsAre("2"));
}

TEST_F(SchemaTest, WithoutRegionKeysTheScopeBackfillIsStillToDo) {
  auto expected = meta("migrations");
  ASSERT_EQ(expected.back(), "backfill_default_scope_v1");
  expected.pop_back();
  EXPECT_THAT(unquoted(query("SELECT name FROM _migrations ORDER BY rowid")),
              ElementsAreArray(expected));
}

TEST_F(SchemaTest, PragmasAreThoseOfTheGoIngestor) {
  simdjson::dom::parser parser;
  const auto file = parser.load(SLUICE_SOURCE_ROOT "/tests/data/schema-meta.json");
  for (const auto [name, value] : file["pragmas"].get_object()) {
    const std::string expected = value.is_string()
                                     ? "'" + std::string(value.get_c_str().value()) + "'"
                                     : std::to_string(value.get_int64().value());
    EXPECT_THAT(query("PRAGMA " + std::string(name)), ElementsAre(expected)) << name;
  }
}

TEST_F(SchemaTest, OpeningAgainChangesNothing) {
  const char* everything = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name";
  const Rows schema = query(everything);
  const Rows migrations = query("SELECT * FROM _migrations ORDER BY rowid");
  const Rows async = query("SELECT * FROM _async_migrations ORDER BY rowid");
  const std::string uuid = database_uuid(*connection_);
  reopen({.region_keys = true});
  EXPECT_EQ(query(everything), schema);
  EXPECT_EQ(query("SELECT * FROM _migrations ORDER BY rowid"), migrations);
  EXPECT_EQ(query("SELECT * FROM _async_migrations ORDER BY rowid"), async);
  EXPECT_EQ(database_uuid(*connection_), uuid);
}

TEST_F(SchemaTest, EachFileHasAnIdentity) {
  query("SELECT 1");
  const std::string uuid = database_uuid(*connection_);
  EXPECT_THAT(uuid, testing::MatchesRegex("[0-9a-f]{32}"));
  Connection other({(directory() / "other.db").string()});
  create_schema(other);
  EXPECT_NE(database_uuid(other), uuid);
}

TEST_F(SchemaTest, AFileWithoutOurTablesHasNoIdentity) {
  Connection connection({path()});
  EXPECT_TRUE(error_of([&] { (void)database_uuid(connection); }));
}

TEST_F(SchemaTest, AnExistingFileKeepsItsRowsAndGetsOurTables) {
  start_from(
      "DROP TABLE sluice_meta; DROP TABLE sluice_position;"
      "DELETE FROM _migrations WHERE name LIKE 'from%';"
      "INSERT INTO nodes(public_key) VALUES ('aa')");
  EXPECT_THAT(query("SELECT public_key FROM nodes"), ElementsAre("'aa'"));
  EXPECT_THAT(query("SELECT * FROM _migrations WHERE name LIKE 'from%'"), IsEmpty());
  EXPECT_THAT(query("SELECT count(*) FROM sluice_meta"), ElementsAre("1"));
}

TEST_F(SchemaTest, AnOldViewIsReplacedAndUnwantedIndexesGo) {
  start_from(
      "DROP VIEW packets_v; CREATE VIEW packets_v AS SELECT 1 AS old;"
      "CREATE INDEX idx_tx_last_seen ON transmissions(last_seen);"
      "CREATE INDEX idx_client_recept_rxpk ON client_receptions(rx_pubkey);"
      "CREATE INDEX idx_of_the_operator ON nodes(role);"
      "DROP INDEX idx_observations_observer_idx_timestamp; DROP INDEX idx_observations_dedup");
  const Rows names = unquoted(query("SELECT name FROM sqlite_master WHERE type = 'index'"));
  EXPECT_THAT(names, Not(Contains("idx_tx_last_seen")));
  EXPECT_THAT(names, Not(Contains("idx_client_recept_rxpk")));
  EXPECT_THAT(names, Contains("idx_of_the_operator"));
  EXPECT_THAT(names, Contains("idx_observations_observer_idx_timestamp"));
  EXPECT_THAT(names, Contains("idx_observations_dedup"));
  EXPECT_THAT(query("SELECT count(*) FROM pragma_table_info('packets_v')"), ElementsAre("16"));
}

TEST_F(SchemaTest, ExtraTablesAndColumnsAreLeftAlone) {
  start_from(
      "ALTER TABLE nodes ADD COLUMN nickname TEXT; CREATE TABLE notes (text);"
      "INSERT INTO nodes(public_key, nickname) VALUES ('aa', 'n'); INSERT INTO notes VALUES (1)");
  EXPECT_THAT(query("SELECT nickname FROM nodes"), ElementsAre("'n'"));
  EXPECT_THAT(query("SELECT text FROM notes"), ElementsAre("1"));
  Statements statements(*connection_);
}

TEST_F(SchemaTest, TransportCodeColumnsAreDiscovered) {
  query("SELECT 1");
  EXPECT_FALSE(schema_features(*connection_).code1);
  query("ALTER TABLE transmissions ADD COLUMN code1 TEXT");
  EXPECT_TRUE(schema_features(*connection_).code1);
  EXPECT_FALSE(schema_features(*connection_).code2);
  query("ALTER TABLE transmissions ADD COLUMN code2 TEXT");
  EXPECT_TRUE(schema_features(*connection_).code2);
  EXPECT_THAT(missing_columns(*connection_), IsEmpty());
}

TEST_F(SchemaTest, AnOldFileIsRefusedByNamingWhatItLacks) {
  start_from(
      "DROP VIEW packets_v; DROP TABLE client_observers;"
      "ALTER TABLE nodes DROP COLUMN multibyte_sup;"
      "ALTER TABLE observers DROP COLUMN can_relay");
  const auto error = error_of([&] { open_with_schema(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_THAT(error->what(), HasSubstr(path()));
  EXPECT_THAT(error->what(), HasSubstr("nodes.multibyte_sup, observers.can_relay, "
                                       "table client_observers"));
  OtherProcess after(path());
  EXPECT_THAT(rows(after.handle(), "SELECT name FROM sqlite_master WHERE name = 'packets_v'"),
              IsEmpty())
      << "a refused file is left as it was";
}

TEST_F(SchemaTest, AFileOfAnotherProgramIsRefusedAndNotTouched) {
  std::filesystem::create_directories(directory() / "sub");
  OtherProcess(path()).execute("CREATE TABLE songs (title)");
  EXPECT_EQ(error_kind_of([&] { open_with_schema(); }), StoreErrorKind::kUnusable);
  OtherProcess after(path());
  EXPECT_THAT(rows(after.handle(), "SELECT name FROM sqlite_master"), ElementsAre("'songs'"));
}

TEST_F(SchemaTest, DuplicatesInTheWayOfTheMergeIndexAreNamed) {
  start_from(
      "DROP INDEX idx_observations_dedup;"
      "INSERT INTO transmissions(raw_hex, hash, first_seen) VALUES ('', 'h', '');"
      "INSERT INTO observations(transmission_id, observer_idx, timestamp) VALUES (1,1,1), (1,1,2)");
  const auto error = error_of([&] { open_with_schema(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), StoreErrorKind::kUnusable);
  EXPECT_THAT(error->what(), HasSubstr("idx_observations_dedup"));
}

TEST_F(SchemaTest, AFileThatIsLockedIsBusyAndCanBeTriedAgain) {
  Connection connection({path()});
  connection.set_busy_timeout(std::chrono::milliseconds(0));
  OtherProcess other(path());
  other.execute("BEGIN IMMEDIATE");
  EXPECT_EQ(error_kind_of([&] { create_schema(connection); }), StoreErrorKind::kBusy);
  other.execute("COMMIT");
  create_schema(connection);
  EXPECT_THAT(missing_columns(connection), IsEmpty());
}

}  // namespace
}  // namespace sluice
