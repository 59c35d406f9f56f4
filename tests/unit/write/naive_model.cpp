#include "naive_model.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "naive_fields.h"

namespace sluice::test {
namespace {

constexpr std::int64_t kSampleSeconds = 300;
constexpr std::int64_t kDay = 86'400;

struct Table {
  const char* name;
  const char* query;
};
constexpr Table kTables[] = {
    {"observers", "SELECT * FROM observers ORDER BY id"},
    {"nodes", "SELECT * FROM nodes ORDER BY public_key"},
    {"inactive_nodes", "SELECT * FROM inactive_nodes ORDER BY public_key"},
    {"transmissions", "SELECT * FROM transmissions ORDER BY id"},
    {"observations",
     "SELECT x.*, t.hash AS transmission_id, o.id AS observer_idx FROM observations x"
     " JOIN transmissions t ON t.id = x.transmission_id"
     " LEFT JOIN observers o ON o.rowid = x.observer_idx ORDER BY x.id"},
    {"observer_metrics", "SELECT * FROM observer_metrics ORDER BY observer_id, timestamp"},
    {"dropped_packets", "SELECT * FROM dropped_packets ORDER BY id"},
};

std::vector<NaiveRow> rows_of(const std::string& database, const Table& table) {
  std::vector<NaiveRow> rows = read_rows(database, table.query);
  for (NaiveRow& row : rows)
    if (std::string_view(table.name) != "observers") row.erase("id");
  return rows;
}

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string format_time(std::int64_t seconds, const char* format) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

std::string ts(WallTime time) { return format_time(seconds_of(time), "%Y-%m-%dT%H:%M:%SZ"); }
std::string sql_ts(WallTime time) { return format_time(seconds_of(time), "%Y-%m-%d %H:%M:%S"); }

const std::string& text(const NaiveRow& row, const char* column) {
  static const std::string kNone;
  const auto* value = std::get_if<std::string>(&row.at(column));
  return value != nullptr ? *value : kNone;
}

std::int64_t integer(const NaiveRow& row, const char* column) {
  const auto* value = std::get_if<std::int64_t>(&row.at(column));
  return value != nullptr ? *value : 0;
}

/// max(min(what is there, the clock), the time of receipt).
void see(NaiveRow& row, const char* column, WallTime received, WallTime applied) {
  row[column] = std::max(std::min(text(row, column), ts(applied)), ts(received));
}

void assign_unless_empty(NaiveRow& row, const char* column, const std::string& value) {
  if (!value.empty() || std::holds_alternative<std::monostate>(row.at(column))) row[column] = value;
}

void assign_if_there(NaiveRow& row, const std::string& column, const Cell& value) {
  if (!std::holds_alternative<std::monostate>(value)) row[column] = value;
}

NaiveRow new_observer(const std::string& id) {
  NaiveRow row;
  for (const char* column : {"name", "iata", "last_seen", "first_seen", "model", "firmware",
                             "client_version", "radio", "battery_mv", "uptime_secs", "noise_floor",
                             "last_packet_at", "clock_skew_seconds", "clock_last_naive_at"}) {
    row[column] = {};
  }
  for (const char* column :
       {"packet_count", "inactive", "clock_skew_count_24h", "can_relay_seen"}) {
    row[column] = std::int64_t{0};
  }
  row["can_relay"] = std::int64_t{1};
  row["id"] = id;
  return row;
}

NaiveRow new_node(const std::string& key) {
  NaiveRow row;
  for (const char* column : {"name", "role", "lat", "lon", "last_seen", "first_seen", "battery_mv",
                             "temperature_c", "default_scope", "multibyte_evidence"}) {
    row[column] = {};
  }
  for (const char* column : {"advert_count", "foreign_advert", "multibyte_sup"})
    row[column] = std::int64_t{0};
  row["public_key"] = key;
  return row;
}

/// What a status says of the observer, by the columns of observers, and of observer_metrics.
void take_status(NaiveRow& observer, const NaiveRow& fields) {
  for (const char* column : {"model", "firmware", "client_version", "radio", "battery_mv",
                             "uptime_secs", "noise_floor", "can_relay"}) {
    assign_if_there(observer, column, fields.at(column));
  }
  if (!std::holds_alternative<std::monostate>(fields.at("can_relay")))
    observer["can_relay_seen"] = std::int64_t{1};
}

}  // namespace

NaiveModel::NaiveModel(const std::string& database, std::vector<std::string> regions)
    : regions_(std::move(regions)) {
  for (NaiveRow& row : rows_of(database, kTables[0])) observers_[text(row, "id")] = row;
  for (NaiveRow& row : rows_of(database, kTables[1])) nodes_[text(row, "public_key")] = row;
  for (NaiveRow& row : rows_of(database, kTables[2]))
    inactive_nodes_[text(row, "public_key")] = row;
  for (NaiveRow& row : rows_of(database, kTables[3])) {
    place_of_[text(row, "hash")] = transmissions_.size();
    transmissions_.push_back(row);
  }
  observations_ = rows_of(database, kTables[4]);
  for (NaiveRow& row : rows_of(database, kTables[5]))
    metrics_[{text(row, "observer_id"), text(row, "timestamp")}] = row;
  dropped_ = rows_of(database, kTables[6]);
}

void NaiveModel::add(const Message& message, WallTime received, WallTime applied) {
  simdjson::dom::element root;
  Json record;
  if (parser_.parse(message.payload).get(root) || root.get(record)) return;
  const std::vector<std::string> topic = split(message.topic);
  const Now now{received, applied};
  if (topic.size() >= 4 && topic[1] == "client" && topic[3] == "packets") return;  // D9
  if (message.topic == "meshcore/status" || message.topic == "meshcore/events/connection") return;
  if (topic.size() >= 4 && topic[3] == "status")
    return status(topic, record, message.retained, now);
  if (const auto raw = text_of(record, "raw"); raw && !raw->empty())
    return packet(topic, record, *raw, now);
  if (message.topic.starts_with("meshcore/message/")) companion(topic, record, now);
}

void NaiveModel::status(const std::vector<std::string>& topic, const Json& record, bool retained,
                        Now now) {
  const std::string name = text_of(record, "origin").value_or("");
  const NaiveRow fields = status_fields(record);
  if (retained) {  // D21
    const auto known = observers_.find(topic[2]);
    if (known == observers_.end()) return;
    assign_unless_empty(known->second, "name", name);
    assign_unless_empty(known->second, "iata", upper(trim(topic[1])));
    return take_status(known->second, fields);
  }
  take_status(contact(topic[2], name, topic[1], now), fields);

  NaiveRow sample;
  bool any = false;
  for (const char* column : kMetrics) {
    sample[column] = fields.at(column);
    any = any || !std::holds_alternative<std::monostate>(fields.at(column));
  }
  if (!any) return;  // D13
  const std::int64_t seconds = seconds_of(now.received);
  const std::string at = format_time(
      (seconds + kSampleSeconds / 2) / kSampleSeconds * kSampleSeconds, "%Y-%m-%dT%H:%M:%SZ");
  const auto [place, fresh] = metrics_.try_emplace({topic[2], at}, sample);
  place->second["observer_id"] = topic[2];
  place->second["timestamp"] = at;
  if (fresh) return;
  for (const char* column : kMetrics) assign_if_there(place->second, column, sample.at(column));
}

void NaiveModel::packet(const std::vector<std::string>& topic, const Json& record, std::string raw,
                        Now now) {
  std::erase_if(raw, [](char c) { return c == ' ' || c == '\n' || c == '\r'; });  // D10
  const auto frame = read_frame(raw, regions_);
  if (!frame) return;
  const std::string observer = topic.size() >= 3 ? topic[2] : "";
  const std::string origin = text_of(record, "origin").value_or("");
  NaiveRow seen = signal(record);
  if (is_stale(record, seen, raw, frame->hash)) return;
  if (frame->advert) {
    if (frame->advert->corrupted) return;
    if (!frame->advert->well_signed) {
      dropped_.push_back({{"hash", frame->hash},
                          {"raw_hex", raw},
                          {"reason", "invalid signature"},
                          {"observer_id", observer},
                          {"observer_name", origin},
                          {"node_pubkey", frame->advert->key},
                          {"node_name", frame->advert->name},
                          {"dropped_at", sql_ts(now.received)}});
      return;
    }
  }
  if (!observer.empty()) {
    std::string region = text_of(record, "region").value_or("");
    if (region.empty() && topic.size() >= 2) region = topic[1];
    const auto skew = naive_skew(record, now.received);
    const bool known = observers_.count(observer) > 0;
    NaiveRow& row = contact(observer, origin, region, now);
    see(row, "last_packet_at", now.received, now.applied);  // D1: the row is there by now
    if (skew) naive_clock(row, *skew, now);
    if (skew && !known) row["first_seen"] = {};
  }
  NaiveRow row{{"raw_hex", raw},
               {"hash", frame->hash},
               {"route_type", std::int64_t{frame->route}},
               {"payload_type", std::int64_t{frame->type}},
               {"payload_version", std::int64_t{frame->version}},
               {"decoded_json", frame->decoded_json},
               {"from_pubkey", {}},
               {"channel_hash", {}},
               {"scope_name", {}}};
  if (frame->advert) row["from_pubkey"] = frame->advert->key;
  if (frame->channel_hash) row["channel_hash"] = *frame->channel_hash;
  if (frame->scope) row["scope_name"] = *frame->scope;
  const bool fresh = transmission(std::move(row), now);
  seen["transmission_id"] = frame->hash;
  if (!observer.empty()) seen["observer_idx"] = observer;
  seen["path_json"] = frame->path_json;
  seen["raw_hex"] = raw;
  observation(std::move(seen), now);
  if (frame->advert) advert(*frame, fresh, now);
}

void NaiveModel::advert(const NaiveFrame& frame, bool new_transmission, Now now) {
  const NaiveAdvert& advert = *frame.advert;
  const auto [place, fresh] = nodes_.try_emplace(advert.key, new_node(advert.key));
  NaiveRow& node = place->second;
  if (fresh) node["first_seen"] = ts(now.received);
  assign_unless_empty(node, "name", advert.name);
  node["role"] = advert.role;
  if (advert.lat) node["lat"] = *advert.lat;
  if (advert.lon) node["lon"] = *advert.lon;
  see(node, "last_seen", now.received, now.applied);
  const bool placed = advert.lat && advert.lon && (*advert.lat != 0 || *advert.lon != 0);
  if (placed && (*advert.lat < 0 || *advert.lat > 1 || *advert.lon < 0 || *advert.lon > 1))
    node["foreign_advert"] = std::int64_t{1};
  if (new_transmission) node["advert_count"] = integer(node, "advert_count") + 1;
  if (advert.battery_mv) node["battery_mv"] = *advert.battery_mv;
  if (advert.temperature_c) node["temperature_c"] = *advert.temperature_c;
  if (!frame.scope || frame.scope->empty() || text(node, "default_scope") == *frame.scope) return;
  node["default_scope"] = *frame.scope;
  const auto inactive = inactive_nodes_.find(advert.key);
  if (inactive != inactive_nodes_.end()) inactive->second["default_scope"] = *frame.scope;
}

void NaiveModel::companion(const std::vector<std::string>& topic, const Json& record, Now now) {
  const auto said = text_of(record, "text");
  if (!said || said->empty() || topic.size() < 4) return;
  const bool direct = topic[2] == "direct";
  const std::string index = direct ? "" : go_text(record, "channel_idx").value_or(topic[3]);
  NaiveRow row{
      {"raw_hex", ""},
      {"hash", short_hash((direct ? "dm:" : "ch:" + index + ':') + *said + ':' + ts(now.received))},
      {"route_type", std::int64_t{1}},
      {"payload_type", std::int64_t{direct ? 2 : 5}},
      {"payload_version", std::int64_t{0}},
      {"decoded_json", companion_json(record, *said, direct ? "" : "ch" + index)},
      {"from_pubkey", {}},
      {"channel_hash", direct ? Cell{} : Cell{"ch" + index}},
      {"scope_name", {}}};
  const Cell hash = row["hash"];
  transmission(std::move(row), now);
  NaiveRow seen = signal(record);
  seen["transmission_id"] = hash;
  seen["path_json"] = "[]";
  if (const auto known = observers_.find("companion"); known != observers_.end()) {
    seen["observer_idx"] = "companion";
    see(known->second, "last_seen", now.received, now.applied);
    see(known->second, "last_packet_at", now.received, now.applied);
  }
  observation(std::move(seen), now);
}

NaiveRow& NaiveModel::contact(const std::string& id, const std::string& name,
                              const std::string& region, Now now) {
  const auto [place, fresh] = observers_.try_emplace(id, new_observer(id));
  NaiveRow& row = place->second;
  if (fresh) row["first_seen"] = ts(now.received);
  assign_unless_empty(row, "name", name);  // D5
  assign_unless_empty(row, "iata", upper(trim(region)));
  see(row, "last_seen", now.received, now.applied);
  row["packet_count"] = integer(row, "packet_count") + 1;
  if (integer(row, "inactive") == 1) row["inactive"] = std::int64_t{0};
  return row;
}

void NaiveModel::naive_clock(NaiveRow& observer, std::int64_t skew, Now now) {
  const std::string& last = text(observer, "clock_last_naive_at");
  const bool lately = !last.empty() && last >= ts(now.received - std::chrono::seconds(kDay));
  observer["clock_skew_count_24h"] =
      lately ? integer(observer, "clock_skew_count_24h") + 1 : std::int64_t{1};
  observer["clock_skew_seconds"] = skew;
  see(observer, "clock_last_naive_at", now.received, now.applied);
}

bool NaiveModel::transmission(NaiveRow row, Now now) {
  const std::string& hash = text(row, "hash");
  const auto [place, fresh] = place_of_.try_emplace(hash, transmissions_.size());
  if (fresh) {
    row["first_seen"] = ts(now.received);
    row["last_seen"] = seconds_of(now.received);
    row["created_at"] = sql_ts(now.received);
    transmissions_.push_back(std::move(row));
    return true;
  }
  NaiveRow& known = transmissions_[place->second];
  known["first_seen"] = std::min(text(known, "first_seen"), ts(now.received));
  known["last_seen"] = std::max(integer(known, "last_seen"), seconds_of(now.received));
  return false;
}

void NaiveModel::observation(NaiveRow row, Now now) {
  row.emplace("observer_idx", Cell{});
  row.emplace("raw_hex", Cell{});
  row["resolved_path"] = {};
  row["timestamp"] = seconds_of(now.received);
  for (NaiveRow& known : observations_) {
    if (std::holds_alternative<std::monostate>(row.at("observer_idx"))) break;
    if (known.at("transmission_id") != row.at("transmission_id") ||
        known.at("observer_idx") != row.at("observer_idx") ||
        known.at("path_json") != row.at("path_json"))
      continue;
    for (const char* column : {"snr", "rssi", "score", "raw_hex"})
      assign_if_there(known, column, row.at(column));
    return;
  }
  observations_.push_back(std::move(row));
}

std::vector<std::string> NaiveModel::lines() const {
  std::vector<std::string> lines;
  const auto add = [&](const char* table, const NaiveRow& row) {
    lines.push_back(fmt::format("{}: {}", table, to_line(row)));
  };
  for (const auto& [id, row] : observers_) add("observers", row);
  for (const auto& [key, row] : nodes_) add("nodes", row);
  for (const auto& [key, row] : inactive_nodes_) add("inactive_nodes", row);
  for (const NaiveRow& row : transmissions_) add("transmissions", row);
  for (const NaiveRow& row : observations_) add("observations", row);
  for (const auto& [key, row] : metrics_) add("observer_metrics", row);
  for (const NaiveRow& row : dropped_) add("dropped_packets", row);
  return lines;
}

std::vector<std::string> lines_of(const std::string& database) {
  std::vector<std::string> lines;
  for (const Table& table : kTables)
    for (const NaiveRow& row : rows_of(database, table))
      lines.push_back(fmt::format("{}: {}", table.name, to_line(row)));
  return lines;
}

}  // namespace sluice::test
