#include "scenario_deviations.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace sluice::test {
namespace {

using Kind = Expected::Kind;

struct Deviation {
  const char* scenario;
  const char* number;
  std::function<void(Scenario&)> apply;
};

std::function<void(Scenario&)> cell(const char* table, std::size_t row, const char* column,
                                    Value value) {
  return [=](Scenario& scenario) {
    scenario.tables.at(table).at(row, column) = {Kind::kExact, value};
  };
}

void add_to_stats(Scenario& scenario, const std::vector<std::string>& names, std::int64_t count) {
  for (const std::string& name : names) scenario.stats.at(name) += count;
}

void erase_row(ExpectedTable& table, std::size_t row) {
  table.rows.erase(table.rows.begin() + static_cast<std::ptrdiff_t>(row));
}

template <typename Predicate>
void erase_rows(ExpectedTable& table, Predicate predicate) {
  table.rows.erase(std::remove_if(table.rows.begin(), table.rows.end(), predicate),
                   table.rows.end());
}

/// The transmission at `row`, and its observations. What observed them stays.
std::vector<Expected> take_transmission(Scenario& scenario, std::size_t row) {
  ExpectedTable& transmissions = scenario.tables.at("transmissions");
  const Value id = transmissions.at(row, "id").value;
  std::vector<Expected> taken = transmissions.rows.at(row);
  erase_row(transmissions, row);
  ExpectedTable& observations = scenario.tables.at("observations");
  const std::size_t reference = observations.column("transmission_id");
  erase_rows(observations, [&](const auto& cells) { return cells[reference].value == id; });
  return taken;
}

/// Only the last one can go: observations name observers by their place.
void take_last_observer(Scenario& scenario) {
  ExpectedTable& observers = scenario.tables.at("observers");
  observers.rows.pop_back();
}

/// A record that is refused before anything is written: region.json sends a client's record, which
/// the Go ingestor takes for an observer's.
void refuse_client_record(Scenario& scenario) {
  take_transmission(scenario, scenario.tables.at("transmissions").rows.size() - 1);
  take_last_observer(scenario);
  add_to_stats(scenario, {"transmissions_inserted", "observations", "observer_upserts"}, -1);
}

/// An advert whose app data is longer than 32 bytes, signed by a tool over all of it: badly signed
/// by the firmware's rule. No node, no observation, no contact; a row in dropped_packets.
void drop_advert(Scenario& scenario, std::size_t transmission, std::size_t node,
                 const std::string& name) {
  ExpectedTables& tables = scenario.tables;
  const ExpectedTable& transmissions = tables.at("transmissions");
  const std::vector<Expected> advert = take_transmission(scenario, transmission);
  const Expected key = tables.at("nodes").at(node, "public_key");
  erase_row(tables.at("nodes"), node);
  ExpectedTable& observers = tables.at("observers");
  Expected& contacts = observers.at(0, "packet_count");
  contacts.value = std::get<std::int64_t>(contacts.value) - 1;
  auto& drops = tables.at("dropped_packets").rows;
  drops.push_back({{Kind::kExact, static_cast<std::int64_t>(drops.size()) + 1},
                   advert[transmissions.column("hash")],
                   advert[transmissions.column("raw_hex")],
                   {Kind::kExact, "invalid signature"},
                   observers.at(0, "id"),
                   observers.at(0, "name"),
                   key,
                   {Kind::kExact, name},
                   {Kind::kClockSql, {}}});
  add_to_stats(scenario,
               {"transmissions_inserted", "observations", "observer_upserts", "node_upserts"}, -1);
  add_to_stats(scenario, {"signature_drops"}, 1);
  const auto text = [](const Expected& cell) { return std::get<std::string>(cell.value); };
  scenario.log.push_back("MQTT [src] DROPPED invalid signature: hash=" + text(drops.back()[1]) +
                         " name=" + name + " observer=" + text(observers.at(0, "name")) +
                         " pubkey=" + text(key).substr(0, 16));
}

bool is_empty_sample(const std::vector<Expected>& cells) {
  return std::all_of(cells.begin() + 2, cells.end(),
                     [](const Expected& cell) { return cell.value == Value(Null{}); });
}

const std::string kOctopus = "\xF0\x9F\x90\x99";

const std::vector<Deviation>& deviations() {
  static const std::vector<Deviation> kDeviations = {
      // A non-finite number is absent.
      {"wrong_types", "D3", cell("observations", 13, "snr", Null{})},
      {"wrong_types", "D3", cell("observations", 13, "rssi", Null{})},
      // A score is an integer, and absent where 64 bits can't hold it.
      {"wrong_types", "D4", cell("observations", 17, "score", 513)},
      {"wrong_types", "D4", cell("observations", 20, "score", Null{})},
      {"malformed_json", "D4", cell("observations", 2, "score", Null{})},
      // An empty name or region keeps the known one.
      {"nodes", "D5", cell("nodes", 0, "name", "Second")},
      {"status_shapes", "D5", cell("observers", 6, "name", "named")},
      {"status_shapes", "D5", cell("observers", 6, "iata", "SJC")},
      // A client's record is none of an observer while coverage is off.
      {"region", "D9", refuse_client_record},
      // White space is taken out of the frame's text before anything is made of it.
      {"wrong_types", "D10", cell("observations", 22, "path_json", R"(["AA","BB"])")},
      {"wrong_types", "D10",
       cell("observations", 22, "raw_hex", "0902AABB078ADEEC42F59D42AC6224219043BDB335797FC7")},
      {"wrong_types", "D10",
       cell("transmissions", 22, "raw_hex", "0902AABB078ADEEC42F59D42AC6224219043BDB335797FC7")},
      {"wrong_types", "D10", cell("transmissions", 22, "hash", "c3ea898788c45bb9")},
      {"wrong_types", "D10", cell("observations", 23, "path_json", R"(["AA"])")},
      {"wrong_types", "D10",
       cell("observations", 23, "raw_hex", "0901aafd0a2ffab24cd505ffb51e0969f8b031a4c0d027")},
      {"wrong_types", "D10",
       cell("transmissions", 23, "raw_hex", "0901aafd0a2ffab24cd505ffb51e0969f8b031a4c0d027")},
      {"wrong_types", "D10", cell("transmissions", 23, "hash", "034f3352bffc9f71")},
      // None, but for the clock of the test, which stands still: the phone's is two seconds behind.
      {"blacklist", "clock",
       [](Scenario& scenario) {
         scenario.tables.at("client_receptions").at(0, "rx_at") = {Kind::kSubstituted,
                                                                   "${now-2:z}"};
       }},
      // The signature covers 32 bytes of app data at most. From the end, so that places hold; what
      // is dropped keeps its name up to a character's end (D11).
      {"nodes", "F7, D11",
       [](Scenario& scenario) {
         drop_advert(scenario, 27, 20, std::string(30, 'x'));
         drop_advert(scenario, 26, 19, std::string(20, 'x') + kOctopus + kOctopus + kOctopus);
         auto& drops = scenario.tables.at("dropped_packets").rows;
         std::swap(drops[0], drops[1]);
       }},
      // A sample without a value makes no row.
      {"status_shapes", "D13",
       [](Scenario& scenario) {
         erase_rows(scenario.tables.at("observer_metrics"), is_empty_sample);
       }},
  };
  return kDeviations;
}

}  // namespace

void apply_deviations(Scenario& scenario) {
  for (const Deviation& deviation : deviations()) {
    if (scenario.name == deviation.scenario) deviation.apply(scenario);
  }
}

}  // namespace sluice::test
