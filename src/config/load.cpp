#include "config/load.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "config/json_file.h"
#include "config/load_sources.h"
#include "config/load_threads.h"
#include "config/object_reader.h"

namespace sluice {
namespace {

// Beyond these a value makes no difference, and arithmetic with clocks stays far from overflow.
constexpr std::int64_t kMostDays = 36'500;
constexpr std::int64_t kMostSampleSeconds = 31 * 86'400;
constexpr std::int64_t kMostPages = 1'000'000'000;
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr double kMostSlowWriterMs = 86'400'000;

std::optional<std::chrono::days> days_unless_off(std::int64_t days) {
  if (days <= 0) return std::nullopt;
  return std::chrono::days(days);
}

RetentionConfig load_retention(ObjectReader reader) {
  RetentionConfig retention;
  retention.nodes = std::chrono::days(reader.positive("nodeDays", 7, kMostDays));
  const std::int64_t observers = reader.integer(
      "observerDays", 14, kMostDays,
      [](std::int64_t written) { return written == 0 ? 14 : std::max<std::int64_t>(written, -1); });
  retention.observers = days_unless_off(observers);
  retention.metrics = std::chrono::days(reader.positive("metricsDays", 30, kMostDays));
  retention.packets = days_unless_off(reader.positive("packetDays", 0, kMostDays));
  retention.client_receptions = days_unless_off(reader.positive("clientRxDays", 0, kMostDays));
  return retention;
}

WindowConfig load_window(ObjectReader& root) {
  WindowConfig window;
  window.group_commit = std::chrono::milliseconds(
      root.integer("groupCommitMs", 1000, WindowConfig::kMostMs,
                   [](std::int64_t written) { return std::max<std::int64_t>(written, 0); }));
  window.group_commit_max_rows = root.positive("groupCommitMaxRows", 1000, WindowConfig::kMostRows);
  return window;
}

ChannelConfig load_channels(ObjectReader& root, const std::filesystem::path& config_file) {
  ChannelConfig channels;
  const std::filesystem::path beside = config_file.parent_path() / "channel-rainbow.json";
  channels.channel_keys_path = root.string("channelKeysPath", beside.string(), "CHANNEL_KEYS_PATH");
  channels.channel_keys = root.string_map("channelKeys");
  channels.hash_channels = root.strings("hashChannels");
  return channels;
}

std::vector<std::string> load_hash_regions(LoadContext& context, ObjectReader& root) {
  std::vector<std::string> regions;
  for (const std::string& written : root.strings("hashRegions")) {
    std::string name(trim_space(written));
    if (name.empty()) {
      context.note("hashRegions: skipping a blank entry");
      continue;
    }
    if (name.front() != '#') name.insert(0, 1, '#');
    if (std::find(regions.begin(), regions.end(), name) != regions.end()) {
      context.note(fmt::format("hashRegions: skipping \"{}\", which is there twice", name));
      continue;
    }
    regions.push_back(std::move(name));
  }
  return regions;
}

std::optional<GeoFilterConfig> load_geo_filter(ObjectReader reader) {
  GeoFilterConfig filter;
  for (const auto& [lat, lon] : reader.number_pairs("polygon"))
    filter.polygon.push_back({lat, lon});
  filter.buffer_km = reader.number_if_set("bufferKm").value_or(0);
  filter.lat_min = reader.number_if_set("latMin");
  filter.lat_max = reader.number_if_set("latMax");
  filter.lon_min = reader.number_if_set("lonMin");
  filter.lon_max = reader.number_if_set("lonMax");
  if (!reader.present()) return std::nullopt;
  return filter;
}

ForeignAdverts load_foreign_adverts(ObjectReader reader) {
  const std::string mode = reader.string("mode", "flag");
  return equal_ignoring_case(trim_space(mode), "drop") ? ForeignAdverts::kDrop
                                                       : ForeignAdverts::kFlag;
}

DbConfig load_db(ObjectReader reader) {
  DbConfig db;
  db.vacuum_on_startup = reader.boolean("vacuumOnStartup", false);
  db.incremental_vacuum_pages = reader.positive("incrementalVacuumPages", 1024, kMostPages);
  return db;
}

/// A list of blanks only lets everything pass, as an empty list does.
std::vector<std::string> load_normalised(ObjectReader& root, std::string_view key,
                                         std::string (*fold)(std::string_view)) {
  std::vector<std::string> entries;
  for (const std::string& written : root.strings(key)) {
    std::string entry = fold(trim_space(written));
    if (!entry.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

/// Fractions of a millisecond are dropped; what is no number above 0 is as good as absent.
std::chrono::milliseconds load_slow_writer(LoadContext& context) {
  const std::string name = "CORESCOPE_DB_SLOW_WRITER_MS";
  std::int64_t value_ms = 500;
  const std::optional<std::string> written = context.variable(name);
  bool used = false;
  if (written) {
    char* end = nullptr;
    const double number = std::strtod(written->c_str(), &end);
    used = end == written->c_str() + written->size() && std::isfinite(number) && number > 0;
    if (used)
      value_ms = static_cast<std::int64_t>(std::min(number, kMostSlowWriterMs));
    else
      context.note(fmt::format("{}: \"{}\" is no number above 0, using {}", name, *written, 500));
  }
  context.report.settings.push_back({name, fmt::format("{}", value_ms),
                                     used ? Origin::kEnvironment : Origin::kDefault,
                                     used ? name : ""});
  return std::chrono::milliseconds(value_ms);
}

std::string load_stats_path(LoadContext& context, const std::string& fallback) {
  const std::string name = "CORESCOPE_INGESTOR_STATS";
  const std::optional<std::string> written = context.variable(name);
  std::string value = written.value_or(fallback);
  context.report.settings.push_back(
      {name, value, written ? Origin::kEnvironment : Origin::kDefault, written ? name : ""});
  return value;
}

std::optional<LogFormat> load_log_format(LoadContext& context, ObjectReader& reader) {
  const std::string name = reader.string("logFormat", "auto");
  const std::optional<LogFormat> format = parse_log_format(name);
  if (!format && name != "auto") {
    context.fail(reader.path_of("logFormat"),
                 fmt::format("expected auto, text, plain or json, found \"{}\"", name));
  }
  return format;
}

Indexes load_indexes(LoadContext& context, ObjectReader& reader) {
  const std::string name = reader.string("indexes", "full");
  if (name != "full" && name != "lean")
    context.fail(reader.path_of("indexes"),
                 fmt::format("expected full or lean, found \"{}\"", name));
  return name == "lean" ? Indexes::kLean : Indexes::kFull;
}

LimitsConfig load_limits(LoadContext& context, ObjectReader reader) {
  constexpr std::int64_t kMost = 1'000'000'000;
  LimitsConfig limits;
  limits.observer_messages_per_minute =
      reader.in_range("observerMessagesPerMinute", limits.observer_messages_per_minute, 0, kMost);
  limits.new_observers_per_hour =
      reader.in_range("newObserversPerHour", limits.new_observers_per_hour, 0, kMost);
  limits.new_nodes_per_hour =
      reader.in_range("newNodesPerHour", limits.new_nodes_per_hour, 0, kMost);
  limits.dropped_packets_per_hour =
      reader.in_range("droppedPacketsPerHour", limits.dropped_packets_per_hour, 0, kMost);
  note_unknown_keys(context, reader);
  return limits;
}

SluiceConfig load_sluice(LoadContext& context, ObjectReader reader) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  SluiceConfig sluice;
  ObjectReader journal = reader.object("journal");
  sluice.journal.max_bytes =
      journal.in_range("maxBytes", sluice.journal.max_bytes, 4 * kMiB, 1024 * 1024 * kMiB);
  // Four of the largest records must fit, or a single one could hold up the whole source.
  sluice.journal.max_record_bytes = journal.in_range(
      "maxRecordBytes", std::min(sluice.journal.max_record_bytes, sluice.journal.max_bytes / 4),
      1024, std::min(sluice.journal.max_bytes / 4, 256 * kMiB));
  sluice.journal.min_free_bytes =
      journal.in_range("minFreeBytes", sluice.journal.min_free_bytes, 0, 1024 * 1024 * kMiB);
  sluice.journal.dir = journal.string("dir", sluice.journal.dir);
  note_unknown_keys(context, journal);
  sluice.session = load_session(reader, sluice.session);
  sluice.limits = load_limits(context, reader.object("limits"));
  sluice.decode_workers = reader.in_range("decodeWorkers", 0, 0, 64);
  sluice.threads = load_threads(context, reader.object("threads"));
  sluice.dedup_transmissions =
      reader.in_range("dedupTransmissions", sluice.dedup_transmissions, 16, 16'777'216);
  sluice.sqlite_cache_kib =
      reader.in_range("sqliteCacheKiB", sluice.sqlite_cache_kib, 64, 16'777'216);
  sluice.indexes = load_indexes(context, reader);
  sluice.exit_without_broker = reader.boolean("exitWithoutBroker", false);
  sluice.log_format = load_log_format(context, reader);
  sluice.stall_timeout = std::chrono::seconds(
      reader.in_range("stallTimeoutSec", sluice.stall_timeout.count(), 10, 86'400));
  note_unknown_keys(context, reader);
  return sluice;
}

Config load_all(LoadContext& context, ObjectReader root, const std::filesystem::path& path) {
  Config config;
  config.db_path = root.string("dbPath", config.db_path, "DB_PATH");
  config.sluice = load_sluice(context, root.object("sluice"));
  load_sources(context, root, config);
  config.window = load_window(root);
  config.channels = load_channels(root, path);
  config.hash_regions = load_hash_regions(context, root);
  config.observer_iata_whitelist = load_normalised(root, "observerIATAWhitelist", upper_cased);
  config.observer_blacklist = load_normalised(root, "observerBlacklist", lower_cased);
  config.validate_signatures = root.boolean("validateSignatures", true);
  config.geo_filter = load_geo_filter(root.object("geo_filter"));
  config.foreign_adverts = load_foreign_adverts(root.object("foreignAdverts"));
  config.client_rx_coverage_enabled = root.object("clientRxCoverage").boolean("enabled", false);
  config.retention = load_retention(root.object("retention"));
  config.neighbor_edges_max_age =
      std::chrono::days(root.positive("neighborEdgesMaxAgeDays", 5, kMostDays));
  config.metrics.sample_interval = std::chrono::seconds(
      root.object("metrics").positive("sampleIntervalSec", 300, kMostSampleSeconds));
  config.db = load_db(root.object("db"));
  config.ingest_buffer_size = root.positive("ingestBufferSize", 50'000, kNoLimit);
  config.log_level = root.string("logLevel");
  // Go's soft memory limit: its type is checked, as the Go ingestor does, and that is all.
  root.object("runtime").positive("maxMemoryMB", 0, kNoLimit);
  config.stats_path = load_stats_path(context, config.stats_path);
  config.db_slow_writer = load_slow_writer(context);
  return config;
}

}  // namespace

std::string_view to_string(Origin origin) noexcept {
  switch (origin) {
    case Origin::kFile:
      return "file";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kDefault:
      break;
  }
  return "default";
}

Config load_config(const std::filesystem::path& path, const Environment& environment,
                   LoadReport* report) {
  LoadReport unused;
  LoadContext context{path.string(), environment, report != nullptr ? *report : unused};
  const JsonFile file = read_json_file(path);
  if (!file.error.empty()) throw ConfigError(fmt::format("{}: {}", context.file, file.error));
  if (!file.root) context.note(fmt::format("{} not found, using defaults", context.file));
  std::vector<simdjson::dom::object> object;
  if (file.root && !file.root->is_null()) {
    if (!file.root->is_object())
      throw ConfigError(
          fmt::format("{}: expected an object, found {}", context.file, describe(*file.root)));
    object.emplace_back(*file.root);
  }
  Config config = load_all(context, ObjectReader(context, "", object), path);
  report_unknown_keys(context);
  return config;
}

}  // namespace sluice
