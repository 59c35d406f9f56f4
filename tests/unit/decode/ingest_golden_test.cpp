// The scenarios of tests/data/ingest, as far as the envelope decides them: which messages leave an
// observation and with what values, and what each observer's row says after the last message. What
// the tables show of frames is taken from the tables, since no frame is decoded here.

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <simdjson.h>

#include "base/text.h"
#include "decode/number_rule.h"
#include "envelope_fixture.h"

namespace sluice {
namespace {

using simdjson::dom::element;

std::string decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

/// With each `${now...}` made a real time.
std::string with_times(std::string text) {
  for (;;) {
    const auto start = text.find("${now");
    if (start == std::string::npos) return text;
    text.replace(start, text.find('}', start) + 1 - start, "2026-06-09T12:00:00Z");
  }
}

std::string stripped(std::string_view raw) {
  std::string out(raw);
  out.erase(std::remove_if(out.begin(), out.end(),
                           [](char c) { return c == ' ' || c == '\n' || c == '\r'; }),
            out.end());
  return out;
}

std::optional<std::string> text_cell(const element& cell) {
  std::string_view text;
  if (cell.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

/// A number's cell; infinities, which the reference stores, count as NULL (deviation D3).
std::optional<double> number_cell(const element& cell) {
  double number = 0;
  if (cell.get_double().get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

/// The reference keeps fractions and what 64 bits can't hold (deviation D4).
std::optional<double> integer_cell(const element& cell) {
  const auto number = number_cell(cell);
  const auto rounded = number ? round_to_integer(*number) : std::nullopt;
  return rounded ? std::optional(static_cast<double>(*rounded)) : std::nullopt;
}

std::optional<double> as_double(std::optional<std::int64_t> value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<std::string> as_string(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// An observer's row, kept by the rules of the contract's section 3.6.
struct Observer {
  std::string name;
  std::string iata;
  std::int64_t packet_count = 0;
  std::optional<std::string> model;
  std::optional<std::string> firmware;
  std::optional<std::string> client_version;
  std::optional<std::string> radio;
  std::optional<std::int64_t> battery_mv;
  std::optional<std::int64_t> uptime_secs;
  std::optional<double> noise_floor;
  std::optional<bool> can_relay;

  void heard(std::string_view new_name, std::string_view new_iata) {
    name = new_name;
    iata = trim_space(new_iata);
    std::transform(iata.begin(), iata.end(), iata.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    ++packet_count;
  }

  void said(const StatusReport& status) {
    heard(status.name, status.iata);
    if (status.model) model = *status.model;
    if (status.firmware) firmware = *status.firmware;
    if (status.client_version) client_version = *status.client_version;
    if (status.radio) radio = *status.radio;
    if (status.battery_mv) battery_mv = status.battery_mv;
    if (status.uptime_secs) uptime_secs = status.uptime_secs;
    if (status.noise_floor) noise_floor = status.noise_floor;
    if (status.can_relay) can_relay = status.can_relay;
  }
};

struct Scenario {
  std::string name;
  std::size_t bad_frames = 0;      ///< records with a `raw` that no frame can be made of
  std::size_t client_records = 0;  ///< refused by us, stored by the reference (deviation D9)
};

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

class IngestGolden : public EnvelopeFixture, public ::testing::WithParamInterface<Scenario> {
 protected:
  /// A table of the expectation, rows as objects by column would be; here by column's index.
  struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<element>> rows;
    [[nodiscard]] const element& at(std::size_t row, std::string_view column) const {
      const auto place = std::find(columns.begin(), columns.end(), column);
      return rows.at(row).at(static_cast<std::size_t>(place - columns.begin()));
    }
  };

  void SetUp() override {
    const std::string path =
        std::string(SLUICE_SOURCE_ROOT) + "/tests/data/ingest/" + GetParam().name + ".json";
    ASSERT_EQ(json_.load(path).get(scenario_), simdjson::SUCCESS) << path;
    read_rules();
    for (const element& message : scenario_["messages"].get_array()) play(message);
  }

  void read_rules() {
    const element config = scenario_["config"];
    for (const element& source : config["mqttSources"].get_array()) {
      SourceRules rules;
      rules.region =
          text_cell(source["region"].error() ? element(config) : element(source["region"]))
              .value_or("");
      rules.iata_filter = texts(source, "iataFilter");
      sources_.push_back(rules);
    }
    for (const std::string& id : texts(config, "observerBlacklist")) {
      rules_.observer_blacklist.push_back(changed(id, [](int c) { return std::tolower(c); }));
    }
    for (const std::string& code : texts(config, "observerIATAWhitelist")) {
      rules_.iata_whitelist.push_back(changed(code, [](int c) { return std::toupper(c); }));
    }
    bool coverage = false;
    if (!config.at_pointer("/clientRxCoverage/enabled").get(coverage)) {
      rules_.client_coverage_enabled = coverage;
    }
  }

  template <typename Change>
  static std::string changed(std::string_view text, Change change) {
    std::string out(trim_space(text));
    std::transform(out.begin(), out.end(), out.begin(),
                   [&](unsigned char c) { return static_cast<char>(change(c)); });
    return out;
  }

  static std::vector<std::string> texts(const element& object, std::string_view key) {
    std::vector<std::string> out;
    simdjson::dom::array array;
    if (object[key].get_array().get(array) != simdjson::SUCCESS) return out;
    for (const element& item : array) out.push_back(text_cell(item).value_or(""));
    return out;
  }

  void play(const element& message) {
    std::string_view topic;
    if (message["topic"].get(topic) != simdjson::SUCCESS) return;  // an operation
    std::string_view encoded;
    const std::string payload = message["payload_b64"].get(encoded) == simdjson::SUCCESS
                                    ? decode_base64(encoded)
                                    : with_times(text_cell(message["payload"]).value_or(""));
    std::uint64_t source = 0;
    if (message["source"].get(source) != simdjson::SUCCESS) source = 0;
    source_ = sources_.at(source);
    results_.push_back(parse(topic, payload));
  }

  Table table(const char* name) {
    Table out;
    const element json = scenario_["expect"]["tables"][name];
    for (const element& column : json["columns"].get_array()) {
      out.columns.push_back(text_cell(column).value());
    }
    for (const element& row : json["rows"].get_array()) {
      out.rows.emplace_back();
      for (const element& cell : row.get_array()) out.rows.back().push_back(cell);
    }
    return out;
  }

  std::size_t count(RejectReason reason) const {
    return static_cast<std::size_t>(
        std::count_if(results_.begin(), results_.end(), [&](const Envelope& envelope) {
          const auto* refused = std::get_if<RejectReason>(&envelope);
          return refused != nullptr && *refused == reason;
        }));
  }

  simdjson::dom::parser json_;
  element scenario_;
  std::vector<SourceRules> sources_;
  std::vector<Envelope> results_;
};

TEST_P(IngestGolden, LeavesTheSameObservationsAndObservers) {
  const Table observations = table("observations");
  std::map<std::string, Observer> observers;
  std::size_t row = 0;
  std::size_t bad_frames = 0;
  const std::size_t kept = observations.rows.size() - GetParam().client_records;
  for (const Envelope& envelope : results_) {
    if (const auto* said = std::get_if<StatusReport>(&envelope)) {
      observers[std::string(said->observer_id)].said(*said);
    }
    const auto* report = std::get_if<PacketReport>(&envelope);
    if (report == nullptr) continue;
    if (row >= kept ||
        stripped(text_cell(observations.at(row, "raw_hex")).value()) != report->raw) {
      ++bad_frames;
      continue;
    }
    EXPECT_EQ(as_string(report->direction), text_cell(observations.at(row, "direction"))) << row;
    EXPECT_EQ(report->snr, number_cell(observations.at(row, "snr"))) << row;
    EXPECT_EQ(report->rssi, number_cell(observations.at(row, "rssi"))) << row;
    EXPECT_EQ(as_double(report->score), integer_cell(observations.at(row, "score"))) << row;
    if (!report->observer_id.empty()) {
      observers[std::string(report->observer_id)].heard(report->origin, report->region);
    }
    ++row;
  }
  EXPECT_EQ(row, kept);
  EXPECT_EQ(bad_frames, GetParam().bad_frames);
  EXPECT_EQ(count(RejectReason::kClientCoverageDisabled), GetParam().client_records);

  const Table expected = table("observers");
  EXPECT_EQ(observers.size() + GetParam().client_records, expected.rows.size());
  for (std::size_t i = 0; i + GetParam().client_records < expected.rows.size(); ++i) {
    const std::string id = text_cell(expected.at(i, "id")).value();
    SCOPED_TRACE(id);
    ASSERT_TRUE(observers.contains(id));
    const Observer& observer = observers[id];
    EXPECT_EQ(observer.name, text_cell(expected.at(i, "name")));
    EXPECT_EQ(observer.iata, text_cell(expected.at(i, "iata")));
    EXPECT_EQ(static_cast<double>(observer.packet_count),
              number_cell(expected.at(i, "packet_count")));
    EXPECT_EQ(observer.model, text_cell(expected.at(i, "model")));
    EXPECT_EQ(observer.firmware, text_cell(expected.at(i, "firmware")));
    EXPECT_EQ(observer.client_version, text_cell(expected.at(i, "client_version")));
    EXPECT_EQ(observer.radio, text_cell(expected.at(i, "radio")));
    EXPECT_EQ(as_double(observer.battery_mv), number_cell(expected.at(i, "battery_mv")));
    EXPECT_EQ(as_double(observer.uptime_secs), number_cell(expected.at(i, "uptime_secs")));
    EXPECT_EQ(observer.noise_floor, number_cell(expected.at(i, "noise_floor")));
    EXPECT_EQ(observer.can_relay ? 1.0 : 0.0, number_cell(expected.at(i, "can_relay_seen")));
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, IngestGolden,
                         ::testing::Values(Scenario{"malformed_json"}, Scenario{"wrong_types", 5},
                                           Scenario{"status_shapes"}, Scenario{"region", 0, 1},
                                           Scenario{"blacklist"}, Scenario{"iata_filter"},
                                           Scenario{"iata_whitelist"}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sluice
