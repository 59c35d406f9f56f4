#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log_format.h"
#include "config/broker_url.h"

namespace sluice {

// The whole configuration, as it is in effect: defaults filled in, texts normalised, values within
// their ranges. The comment of each field names its key in the config file, its default, and what
// too high or too low a value costs; configs/README.md says the same at more length. A
// default-constructed Config has no sources; load_config() always gives at least one.
//
// Thread: immutable once loaded.

/// How a broker keeps messages for us: `sluice.qos` and `sluice.sessionExpirySec`, and the keys of
/// the same names in the object `sluice` of a source, which go first.
struct SessionConfig {
  /// `qos`: 0 or 1, what topics are subscribed at. Default: 1, which costs an acknowledgement per
  /// message. 0: what arrives while the connection is down is lost.
  std::int64_t qos = 1;
  /// `sessionExpirySec`: how long the broker keeps the session while we are away (MQTT 5), 0 to
  /// 4294967295, which is for ever. Default: 3600 s. Too low: a restart that takes longer loses
  /// messages; too high: a broker holds messages for a program that never comes back. 0: no
  /// session.
  std::chrono::seconds session_expiry{3600};

  bool operator==(const SessionConfig&) const = default;
};

/// PEM files of one source (`mqttSources[].sluice.tls`).
struct TlsConfig {
  /// `caFile`: the authority that the broker's certificate must come from. Empty: the system's.
  std::string ca_file;
  /// `certFile`, `keyFile`: what we show the broker; the key without a passphrase. Both or neither.
  std::string cert_file;
  std::string key_file;

  bool operator==(const TlsConfig&) const = default;
};

/// One MQTT broker (`mqttSources[]`).
struct SourceConfig {
  /// Where it is written down, for messages: `mqttSources[1]`, `mqtt`, `MQTT_BROKER`.
  std::string place;
  /// `name`, as written. Default: empty.
  std::string name;
  /// What logs, metrics and the stats file call this source: the name, else the broker's mapped
  /// URL, user-info masked (deviation D20). Two sources may have the same tag.
  std::string tag;
  /// `broker`, as written: may hold a password, so show `url.display()` instead.
  std::string broker;
  BrokerUrl url;
  /// `username`, or the user of the URL, which goes first. Empty: none is sent.
  std::string username;
  /// `password`, or the password of the URL, which goes first. Always empty without a username.
  std::string password;
  /// `rejectUnauthorized`: false means that TLS verifies nothing. Default: unset, which verifies
  /// against the system's authorities.
  std::optional<bool> reject_unauthorized;
  /// `topics`: filters to subscribe to, in this order. Never empty after loading. Default:
  /// `meshcore/#`. Filters that overlap deliver a message twice.
  std::vector<std::string> topics;
  /// `iataFilter`: regions (second topic level) to take packets from, compared exactly. Empty:
  /// all.
  std::vector<std::string> iata_filter;
  /// `region`: region for packets whose topic names none. Default: empty.
  std::string region;
  /// `connectTimeoutSec`. Default: 30 s. Too low: a slow broker is reported as timed out (it is
  /// still tried again and again); too high: a dead one is reported late.
  std::chrono::seconds connect_timeout{30};
  SessionConfig session;
  TlsConfig tls;

  bool operator==(const SourceConfig&) const = default;
};

/// How long rows are kept (`retention.*`). Too high: the file and its indexes grow; too low:
/// history is gone. At most 100 years.
struct RetentionConfig {
  /// `nodeDays`: nodes unseen for longer move to inactive_nodes. Default: 7.
  std::chrono::days nodes{7};
  /// `observerDays`: observers unseen for longer become inactive. Unset: never. Default: 14.
  std::optional<std::chrono::days> observers{14};
  /// `metricsDays`: observer_metrics and dropped_packets. Default: 30.
  std::chrono::days metrics{30};
  /// `packetDays`: transmissions with their observations. Unset: for ever, the default.
  std::optional<std::chrono::days> packets;
  /// `clientRxDays`: client receptions. Unset: for ever, the default.
  std::optional<std::chrono::days> client_receptions;

  bool operator==(const RetentionConfig&) const = default;
};

struct MetricsConfig {
  /// `metrics.sampleIntervalSec`: an observer's samples are rounded to this. Default: 300 s. Too
  /// low: more rows; too high: coarse curves.
  std::chrono::seconds sample_interval{300};

  bool operator==(const MetricsConfig&) const = default;
};

/// When a transaction ends: at whichever limit is reached first.
struct WindowConfig {
  /// Beyond these a value makes no difference, and arithmetic with clocks stays far from overflow.
  static constexpr std::int64_t kMostMs = 600'000;
  static constexpr std::int64_t kMostRows = 10'000'000;

  /// `groupCommitMs`: length of a window. 0: every packet is its own transaction. Default: 1000
  /// ms. Too high: rows appear late and a retried window is large; too low: an fsync per handful of
  /// rows.
  std::chrono::milliseconds group_commit{1000};
  /// `groupCommitMaxRows`: packet inserts per window, at least 1. Default: 1000. Too high: long
  /// commits; too low: it cuts windows short and costs throughput.
  std::int64_t group_commit_max_rows = 1000;

  bool operator==(const WindowConfig&) const = default;
};

/// Where channel keys come from; resolve_channel_keys() merges the layers.
struct ChannelConfig {
  /// CHANNEL_KEYS_PATH, else `channelKeysPath`, else channel-rainbow.json next to the config file.
  /// The file need not exist.
  std::filesystem::path channel_keys_path;
  /// `channelKeys`: name and hex key as written, in the file's order, each name once.
  std::vector<std::pair<std::string, std::string>> channel_keys;
  /// `hashChannels`, as written.
  std::vector<std::string> hash_channels;

  bool operator==(const ChannelConfig&) const = default;
};

struct GeoPoint {
  double lat = 0;
  double lon = 0;

  bool operator==(const GeoPoint&) const = default;
};

/// `geo_filter` (contract 3.9): a polygon of at least three points, or a box of all four bounds.
/// With neither, everything passes. Too narrow: neighbours count as foreign.
struct GeoFilterConfig {
  std::vector<GeoPoint> polygon;
  /// `bufferKm`: how far outside the polygon still passes, kilometres. Default: 0.
  double buffer_km = 0;
  /// Degrees.
  std::optional<double> lat_min;
  std::optional<double> lat_max;
  std::optional<double> lon_min;
  std::optional<double> lon_max;

  bool operator==(const GeoFilterConfig&) const = default;
};

/// `foreignAdverts.mode`: what becomes of an advert that the geo filter does not pass.
enum class ForeignAdverts { kFlag, kDrop };

struct DbConfig {
  /// `db.vacuumOnStartup`: converts the file to incremental vacuum, once, which rewrites all of it
  /// before anything is received. Default: false.
  bool vacuum_on_startup = false;
  /// `db.incrementalVacuumPages`: free pages given back per maintenance run. Default: 1024. Too
  /// high: maintenance delays writes; too low: the file shrinks slowly.
  std::int64_t incremental_vacuum_pages = 1024;

  bool operator==(const DbConfig&) const = default;
};

struct JournalConfig {
  /// `sluice.journal.dir`: directory of the files that hold what is received and not yet committed.
  /// Default: empty, `<dbPath>-sluice`. `:memory:` keeps it in memory, and a crash loses it.
  std::string dir;
  /// `sluice.journal.maxBytes`: size of each source's journal, bytes. Default: 256 MiB. Too low: a
  /// locked database fills it and messages are dropped (QoS 0); too high: disk space, and a long
  /// catch-up.
  std::int64_t max_bytes = std::int64_t{256} << 20;
  /// `sluice.journal.maxRecordBytes`: largest message taken, topic and payload, bytes. Default:
  /// 1 MiB. Too low: real messages are refused; too high: a hostile publisher fills the journal
  /// with few messages.
  std::int64_t max_record_bytes = std::int64_t{1} << 20;
  /// `sluice.journal.minFreeBytes`: the journal takes no more room when less than this would be
  /// left on its disk, bytes. Default: 128 MiB. Too low: the database has no room to take what the
  /// journal holds; too high: messages are dropped though there is room.
  std::int64_t min_free_bytes = std::int64_t{128} << 20;

  bool operator==(const JournalConfig&) const = default;
};

/// `sluice.limits.*`: what a flood may do. Kept for each source, by receive time; what is over a
/// limit is rejected and counted. 0: no limit.
struct LimitsConfig {
  /// `observerMessagesPerMinute`: of each observer, with a burst of a minute's worth. Default: 0.
  /// Too low: busy observers lose packets; too high or 0: one observer can fill the database.
  std::int64_t observer_messages_per_minute = 0;
  /// `newObserversPerHour`: observers that have no row yet. Default: 10000. Too low: on a fresh
  /// database real ones have to wait; too high or 0: invented ids fill the table.
  std::int64_t new_observers_per_hour = 10'000;
  /// `newNodesPerHour`: likewise nodes, by their adverts. Default: 0, since a fresh database meets
  /// a whole network at once. Too low: real nodes are missed; too high or 0: invented keys fill the
  /// table, and make the short prefixes in paths ambiguous.
  std::int64_t new_nodes_per_hour = 0;
  /// `droppedPacketsPerHour`: rows in dropped_packets. Default: 3600. Too low: less to find out a
  /// forger by; too high or 0: forgeries fill the table.
  std::int64_t dropped_packets_per_hour = 3'600;

  bool operator==(const LimitsConfig&) const = default;
};

/// How the kernel shares out CPU time, see sched(7).
enum class SchedulingPolicy {
  kOther,       ///< `other`: what every process has
  kBatch,       ///< `batch`: taken for a thread that computes, so it interrupts others less
  kFifo,        ///< `fifo`: real time, before all others, until it sleeps
  kRoundRobin,  ///< `rr`: likewise, taking turns with those of its priority
};

/// Where the threads of one role run, and how: `sluice.threads.ROLE`. By default all of it is as
/// the process was started. What the machine does not grant is a warning when the thread starts.
struct ThreadConfig {
  /// `cpus`: CPU numbers, 0 to 1023, ascending. Default: empty, any. Too few: threads wait for each
  /// other, or for whatever else runs there, while other CPUs are idle.
  std::vector<int> cpus = {};
  /// `nice`: -20 to 19. Default: unset. Too high: the thread falls behind on a busy machine; too
  /// low: others on the machine do, the broker among them.
  std::optional<std::int64_t> nice = {};
  /// `policy`: `other`, `batch`, `fifo` or `rr`. Default: unset. Fifo and rr: nothing else runs on
  /// that CPU while the thread has work.
  std::optional<SchedulingPolicy> policy = {};
  /// `priority`: 1 to 99, with fifo and rr, and only with these. Too high: above the kernel's own
  /// threads, which the disk and the network need.
  std::optional<std::int64_t> priority = {};

  bool operator==(const ThreadConfig&) const = default;
};

[[nodiscard]] constexpr bool is_realtime(const ThreadConfig& thread) noexcept {
  return thread.policy == SchedulingPolicy::kFifo || thread.policy == SchedulingPolicy::kRoundRobin;
}

/// `sluice.threads`. src/README.md says what each thread does.
struct ThreadsConfig {
  /// `receive`: one for each broker; a WebSocket's helper runs where its receive thread does.
  ThreadConfig receive;
  ThreadConfig journal;
  ThreadConfig feed;
  /// `decode`: all of its threads share what is said here.
  ThreadConfig decode;
  ThreadConfig dedup;
  ThreadConfig write;

  bool operator==(const ThreadsConfig&) const = default;
};

struct ThreadRole {
  const char* name;
  ThreadConfig ThreadsConfig::*thread;
};
inline constexpr ThreadRole kThreadRoles[] = {
    {"receive", &ThreadsConfig::receive}, {"journal", &ThreadsConfig::journal},
    {"feed", &ThreadsConfig::feed},       {"decode", &ThreadsConfig::decode},
    {"dedup", &ThreadsConfig::dedup},     {"write", &ThreadsConfig::write},
};

/// `sluice.indexes`: which of the indexes that CoreScope knows a database has.
enum class Indexes {
  kFull,  ///< all of them
  kLean,  ///< without the three that others cover
};

/// Sluice's own keys: the object `sluice` of the file, which CoreScope's server ignores.
struct SluiceConfig {
  JournalConfig journal;
  /// For sources that say nothing else.
  SessionConfig session;
  LimitsConfig limits;
  /// `sluice.decodeWorkers`: decode threads, 0 to 64. Default: 0, chosen by the number of cores.
  /// Too high: threads that wake up for nothing; too low: decoding becomes the limit.
  std::int64_t decode_workers = 0;
  ThreadsConfig threads;
  /// `sluice.dedupTransmissions`: transmissions remembered for recognising repeats. Default:
  /// 16384. Too low: repeats are looked up in the database; too high: memory.
  std::int64_t dedup_transmissions = 16384;
  /// `sluice.sqliteCacheKiB`: SQLite's page cache, KiB. Default: 16384. Too low: a transaction
  /// spills and writes up to three times as much; too high: memory.
  std::int64_t sqlite_cache_kib = 16384;
  /// `sluice.indexes`: `full` or `lean`. Default: full. Lean: rows go in 1.3 to 2 times faster, but
  /// what names one of the three indexes fails, and the next change to full builds them anew.
  Indexes indexes = Indexes::kFull;
  /// `sluice.exitWithoutBroker`: exit 1 if no source has connected within its timeout (deviation
  /// D19). Default: false, stay up and go on trying.
  bool exit_without_broker = false;
  /// `sluice.logFormat`: `text`, `plain` or `json`. Default: unset, or `auto`, which is `plain` for
  /// systemd's journal and else `text`.
  std::optional<LogFormat> log_format;
  /// `sluice.stallTimeoutSec`: a stage that has stood still for so long, with work before it, ends
  /// the process, so that a supervisor starts it again. Default: 120 s. Too low: a very slow disk
  /// is taken for a fault; too high: nothing is written meanwhile.
  std::chrono::seconds stall_timeout{120};

  bool operator==(const SluiceConfig&) const = default;
};

struct Config {
  /// DB_PATH, else `dbPath`. Default: data/meshcore.db, relative to the working directory.
  std::string db_path = "data/meshcore.db";
  std::vector<SourceConfig> sources;
  RetentionConfig retention;
  MetricsConfig metrics;
  WindowConfig window;
  ChannelConfig channels;
  /// `hashRegions`: names with their `#`, trimmed, each once, in the file's order.
  std::vector<std::string> hash_regions;
  /// `geo_filter`. Unset: no filter.
  std::optional<GeoFilterConfig> geo_filter;
  ForeignAdverts foreign_adverts = ForeignAdverts::kFlag;
  /// `validateSignatures`: drop adverts with a bad signature. Default: true. False trusts everyone.
  bool validate_signatures = true;
  DbConfig db;
  /// `observerIATAWhitelist`: regions to take from, trimmed and upper-cased; compare with the probe
  /// treated alike. Empty: all.
  std::vector<std::string> observer_iata_whitelist;
  /// `observerBlacklist`: observers to ignore, trimmed and lower-cased; compare with the probe
  /// treated alike.
  std::vector<std::string> observer_blacklist;
  /// `neighborEdgesMaxAgeDays`: neighbour edges unseen for longer are deleted. Default: 5.
  std::chrono::days neighbor_edges_max_age{5};
  /// `clientRxCoverage.enabled`. Default: false.
  bool client_rx_coverage_enabled = false;
  /// `ingestBufferSize`, messages. Default: 50000. Without effect: the journal's size has taken its
  /// place. Kept so that the operator can be told.
  std::int64_t ingest_buffer_size = 50000;
  /// `logLevel`, as written. Default: empty.
  std::string log_level;
  /// CORESCOPE_INGESTOR_STATS: where the stats file goes.
  std::string stats_path = "/tmp/corescope-ingestor-stats.json";
  /// CORESCOPE_DB_SLOW_WRITER_MS: statements slower than this are logged. Default: 500 ms.
  std::chrono::milliseconds db_slow_writer{500};
  SluiceConfig sluice;

  bool operator==(const Config&) const = default;
};

}  // namespace sluice
