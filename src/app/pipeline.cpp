#include "app/pipeline.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/journal_home.h"
#include "base/hex.h"
#include "base/log.h"
#include "config/channel_key_layers.h"
#include "packet/crypto/channel_keys.h"
#include "packet/crypto/key_derivation.h"
#include "store/known_names.h"
#include "store/position_statements.h"
#include "store/schema.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

// Batches of up to 256 messages: two of these queues hold a second of the busiest network that was
// ever measured, and what lies beyond them waits in the journal, where it costs nothing.
constexpr std::size_t kQueueBatches = 32;
constexpr std::size_t kMostBatchesToWrite = 256;
// What an ordinary batch of 256 messages holds besides the journal's bytes, and some. One that a
// sender has blown up takes more places, so the longest queue keeps 64 MiB of it.
constexpr std::size_t kPlaceBytes = std::size_t{256} << 10U;
constexpr std::size_t kBatchMessages = FeedOptions{}.batch_messages;

/// While the writer applies a window the next one gathers in front of it. A queue that is shorter
/// than a window would leave the writer waiting for the rest of it.
std::size_t choose_batches_to_write(std::int64_t window_packets) {
  const auto packets = static_cast<std::size_t>(std::max<std::int64_t>(window_packets, 0));
  return std::clamp(packets / kBatchMessages + kQueueBatches, kQueueBatches, kMostBatchesToWrite);
}

std::size_t places_before_the_writer(const Batch& batch) {
  return 1 + batch.arena.allocated_bytes() / kPlaceBytes;
}

std::size_t choose_workers(std::int64_t configured) {
  if (configured > 0) return static_cast<std::size_t>(configured);
  // One decoder keeps up with about a million messages a second; the writer is the wall long before
  // that.
  return std::thread::hardware_concurrency() > 4 ? 2 : 1;
}

std::chrono::milliseconds choose_linger(std::chrono::milliseconds window) {
  // A fiftieth of the window is not noticed behind it, and saves most wake-ups on a quiet network.
  return std::clamp<std::chrono::milliseconds>(window / 50, 0ms, 20ms);
}

FeedOptions feed_options(std::chrono::milliseconds window) {
  const std::chrono::milliseconds linger = choose_linger(window);
  return {.linger = linger, .linger_in_window = 5 * linger};
}

std::shared_ptr<const ChannelKeyRing> make_key_ring(const ChannelConfig& channels) {
  std::vector<std::string> notes;
  std::vector<ChannelSecret> secrets;
  for (ChannelKeyEntry& entry : resolve_channel_keys(channels, notes)) {
    if (entry.derive_from_name) entry.key_hex = key_hex_from_name(entry.name);
    secrets.push_back({.name = std::move(entry.name), .key_hex = std::move(entry.key_hex)});
  }
  for (const std::string& note : notes) log_warn("{}", note);
  return std::make_shared<const ChannelKeyRing>(secrets);
}

std::uint64_t random_salt() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

Pipeline::Pipeline(const Config& config, std::vector<SourceSpec> sources, const Clock& clock,
                   JournalPlace place)
    : config_(config),
      clock_(clock),
      place_(std::move(place)),
      keeper_(clock, keeper_wakeup_),
      live_sources_(sources.size()),
      to_decode_(kQueueBatches, &decode_wakeup_, &feed_wakeup_),
      to_dedup_(kQueueBatches, &dedup_wakeup_, &decode_wakeup_),
      to_write_(choose_batches_to_write(config.window.group_commit_max_rows), &write_wakeup_,
                &dedup_wakeup_, places_before_the_writer) {
  const JournalConfig& limits = config.sluice.journal;
  const JournalOptions options{
      .max_bytes = static_cast<std::size_t>(limits.max_bytes),
      .max_record_bytes = static_cast<std::size_t>(limits.max_record_bytes),
      .segment_bytes = place_.segment_bytes,
      .min_free_bytes = static_cast<std::uint64_t>(limits.min_free_bytes),
      .trust_every_sync = place_.trust_every_sync};
  for (SourceSpec& source : sources) {
    Journal& journal = place_.directory != nullptr
                           ? journals_.emplace_back(
                                 place_.directory->create(source.journal_name(), options), options)
                           : journals_.emplace_back(options);
    keeper_.add(journal);
    add_source(std::move(source), journal);
  }
}

void Pipeline::add_source(SourceSpec source, Journal& journal) {
  flows_.emplace_back();
  SourceLedger& account = metrics_.ledger.add_source(source.name);
  account.journal_backlog = [&journal] { return journal.backlog(); };
  accounts_.push_back(&account);
  metrics_.flood.talkers.emplace_back();
  sources_.push_back(std::move(source));
}

void Pipeline::open_store(std::chrono::milliseconds patience,
                          const std::function<bool()>& keep_going) {
  connection_.reset();
  connection_.emplace(
      ConnectionOptions{.path = config_.db_path,
                        .cache_kib = static_cast<int>(config_.sluice.sqlite_cache_kib),
                        .patience = patience});
  create_schema(*connection_, {.region_keys = !config_.hash_regions.empty(),
                               .redundant_indexes = config_.sluice.indexes == Indexes::kFull,
                               .keep_going = keep_going});
  log_info("SQLite opened: {}", config_.db_path);
  if (!place_.named.empty()) {
    require_no_backlog_elsewhere(*connection_, place_.named, companion_directory(config_).string());
  }
  recover();
  build_guard();
  build_writer();  // may find the database locked; what comes after it can't
  build_front(choose_workers(config_.sluice.decode_workers));
  take_seats();
}

void Pipeline::recover() {
  std::vector<LeftBehind> plan;
  if (place_.directory != nullptr)
    plan = plan_recovery(*place_.directory, *connection_, place_.foreign);
  if (!place_.named.empty()) settle_positions(*connection_, place_.named, journals_in_files(plan));
  if (place_.directory == nullptr) return;
  // Nothing from here on can fail for a reason that passes.
  const std::string uuid = database_uuid(*connection_);
  const std::string path = std::filesystem::absolute(config_.db_path).string();
  for (LeftBehind& left : plan) {
    if (!left.to_feed) {
      if (!left.discarded && is_needed(*left.file)) {
        kept_.push_back(std::move(*left.file));
      } else {
        retire(*left.file);
        spent_.push_back(to_lower_hex(left.file->identity().uuid));
      }
      continue;
    }
    report(left);
    const std::string& identity = left.file->identity().source;
    const auto live_end = sources_.begin() + static_cast<std::ptrdiff_t>(live_sources_);
    const auto same = std::find_if(sources_.begin(), live_end, [&](const SourceSpec& source) {
      return source.journal_name() == identity;
    });
    // A source that is not in the configuration any more has no filter of its own.
    const bool known = same != live_end;
    SourceSpec spec{.name = (known ? same->name : identity) + " (recovered)",
                    .rules = known ? same->rules : SourceRules{}};
    left.file->bind(uuid, path);
    Journal& journal = journals_.emplace_back(std::move(*left.file), left.range);
    add_source(std::move(spec), journal);
    accounts_.back()->receive.recovered.add(left.range.count());
    removed_.push_back(false);
  }
  place_.directory->found().clear();
  for (std::size_t i = 0; i < live_sources_; ++i) journals_[i].file().bind(uuid, path);
}

/// Those of an earlier attempt at opening the database included.
std::vector<std::string> Pipeline::journals_in_files(const std::vector<LeftBehind>& plan) const {
  std::vector<std::string> uuids;
  uuids.reserve(plan.size() + journals_.size() + kept_.size());
  for (const LeftBehind& left : plan) uuids.push_back(to_lower_hex(left.file->identity().uuid));
  for (const Journal& journal : journals_) uuids.push_back(journal.uuid());
  for (const JournalFile& file : kept_) uuids.push_back(to_lower_hex(file.identity().uuid));
  return uuids;
}

const Journal* Pipeline::live_journal_of(const std::string& identity) const {
  for (std::size_t i = 0; i < live_sources_; ++i)
    if (sources_[i].journal_name() == identity) return &journals_[i];
  return nullptr;
}

/// Nothing in it is needed any more; but what could not be read is for somebody to look at.
void Pipeline::retire(JournalFile& file) {
  if (!file.failed()) return file.remove();
  std::filesystem::path aside = file.path();
  aside += ".unreadable";
  try {
    file.rename(aside);
    log_warn("journal {}: parts of it could not be read, so it is set aside", aside.string());
  } catch (const std::exception& error) {
    log_warn("{}", error.what());
  }
}

bool Pipeline::is_needed(const JournalFile& earlier) const {
  const Journal* const live = live_journal_of(earlier.identity().source);
  return live != nullptr && live->needs_earlier();
}

void Pipeline::remove_finished_journals() {
  for (std::size_t i = 0; i < removed_.size(); ++i) {
    Journal& journal = journals_[live_sources_ + i];
    if (removed_[i] || journal.released() != journal.appended() || is_needed(journal.file()))
      continue;
    retire(journal.file());
    removed_[i] = true;
  }
  kept_.remove_if([this](JournalFile& file) {
    if (is_needed(file)) return false;
    retire(file);
    spent_.push_back(to_lower_hex(file.identity().uuid));
    return true;
  });
}

std::shared_ptr<const DecodeRules> Pipeline::make_rules() const {
  auto rules = std::make_shared<DecodeRules>();
  rules->envelope = {.observer_blacklist = config_.observer_blacklist,
                     .iata_whitelist = config_.observer_iata_whitelist,
                     .client_coverage_enabled = config_.client_rx_coverage_enabled};
  rules->regions = std::make_shared<const RegionKeys>(config_.hash_regions);
  for (const SourceSpec& source : sources_) rules->sources.push_back(source.rules);
  return rules;
}

std::vector<SourceFlow*> Pipeline::flow_pointers() {
  std::vector<SourceFlow*> flows;
  for (SourceFlow& flow : flows_) flows.push_back(&flow);
  return flows;
}

void Pipeline::build_guard() {
  const LimitsConfig& limits = config_.sluice.limits;
  guard_.emplace(FloodLimits{.observer_messages_per_minute = limits.observer_messages_per_minute,
                             .new_observers_per_hour = limits.new_observers_per_hour,
                             .new_nodes_per_hour = limits.new_nodes_per_hour,
                             .dropped_packets_per_hour = limits.dropped_packets_per_hour},
                 metrics_.flood);
  constexpr auto kMost = static_cast<std::int64_t>(Newcomers::kRemembered);
  read_known_names(*connection_, NamedTable::kClientObservers, kMost,
                   [this](std::string_view name) { guard_->learn_phone(name); });
  read_known_names(*connection_, NamedTable::kObservers, kMost,
                   [this](std::string_view name) { guard_->learn_observer(name); });
  read_known_names(*connection_, NamedTable::kNodes, kMost,
                   [this](std::string_view name) { guard_->learn_node(name); });
}

void Pipeline::build_front(std::size_t workers) {
  std::vector<Feed::Source> feed_sources;
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    feed_sources.push_back({.journal = &journals_[i],
                            .ledger = accounts_[i],
                            .flow = &flows_[i],
                            .recovered = i >= live_sources_});
  }
  feed_.emplace(feed_sources, to_decode_, window_flow_, feed_options(config_.window.group_commit),
                clock_, metrics_.batch_messages);
  const std::shared_ptr<const DecodeRules> rules = make_rules();
  for (std::size_t i = 0; i < workers; ++i) {
    decoders_.emplace_back(to_decode_, to_dedup_, rules);
  }
  std::vector<std::string> tags;
  for (const SourceLedger* account : accounts_) tags.push_back(account->name);
  events_.emplace(std::move(tags), clock_);
  dedup_.emplace(to_dedup_, to_write_, flow_pointers(),
                 KnownTransmissions(static_cast<std::size_t>(config_.sluice.dedup_transmissions),
                                    random_salt()),
                 TransmissionReader(
                     PayloadDecoder(make_key_ring(config_.channels), config_.validate_signatures),
                     {.filter = config_.geo_filter,
                      .drop_foreign = config_.foreign_adverts == ForeignAdverts::kDrop}),
                 metrics_.dedup, &feed_wakeup_, &*events_, &*guard_);
}

void Pipeline::build_writer() {
  std::vector<WriteStage::Source> write_sources;
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    write_sources.push_back({.journal = &journals_[i], .ledger = accounts_[i]});
  }
  const WriteOptions options{.window = {.duration = config_.window.group_commit,
                                        .max_packets = config_.window.group_commit_max_rows},
                             .metrics_sample_interval = config_.metrics.sample_interval,
                             .slots = static_cast<std::size_t>(config_.sluice.dedup_transmissions),
                             .checkpoint = {},
                             .slow_transaction = config_.db_slow_writer};
  writer_.emplace(to_write_, std::move(write_sources), *connection_, window_flow_, options, clock_,
                  metrics_.write);
  connection_->set_busy_timeout(
      0ms);  // from here on a locked database is a state of the writer, not a sleep
  connection_->rebind();
}

void Pipeline::take_seats() {
  const ThreadsConfig& threads = config_.sluice.threads;
  seats_.push_back({"feed", &*feed_, &feed_wakeup_, &threads.feed});
  for (std::size_t i = 0; i < decoders_.size(); ++i)
    seats_.push_back(
        {fmt::format("decode-{}", i), &decoders_[i], &decode_wakeup_, &threads.decode});
  seats_.push_back({"dedup", &*dedup_, &dedup_wakeup_, &threads.dedup});
  seats_.push_back({"write", &*writer_, &write_wakeup_, &threads.write});
}

void Pipeline::close_store() {
  if (!connection_) return;
  seats_.clear();
  writer_.reset();
  connection_->rebind();
  connection_->set_busy_timeout(5000ms);
  remove_journals();
  connection_->close();
  connection_.reset();
}

void Pipeline::remove_journals() {
  for (const Journal& journal : journals_) {
    if (journal.released() != journal.appended()) return;
  }
  remove_finished_journals();
  std::vector<std::string> gone = spent_;
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    Journal& journal = journals_[i];
    if (i < live_sources_) {
      // The next start recognises by it what the broker sends again.
      if (journal.file().persistent() && journal.awaits_acknowledgement()) continue;
      retire(journal.file());
    } else if (!removed_[i - live_sources_]) {
      continue;
    }
    gone.push_back(journal.uuid());
  }
  try {
    // The files first, and for good: a position without a journal says nothing, but a journal
    // without its position would be written once more.
    if (place_.directory != nullptr) sync_directory(place_.directory->path());
    forget_positions(gone);
  } catch (const std::system_error& error) {
    log_warn("journal: {}; rows in sluice_position that nobody needs any more stay", error.what());
  } catch (const StoreError& error) {
    log_warn("database: {}; rows in sluice_position that nobody needs any more stay", error.what());
    connection_->rollback();
  }
}

void Pipeline::forget_positions(const std::vector<std::string>& journals) {
  PositionStatements positions(*connection_);
  connection_->begin_immediate();
  for (const std::string& journal : journals) positions.erase(journal);
  connection_->commit();
}

std::uint64_t Pipeline::journal_syncs() const noexcept {
  std::uint64_t sum = 0;
  for (const Journal& journal : journals_) sum += journal.syncs();
  return sum;
}

std::vector<Pipeline::QueueDepth> Pipeline::queue_depths() const {
  return {{"feed→decode", to_decode_.depth(), to_decode_.capacity()},
          {"decode→dedup", to_dedup_.depth(), to_dedup_.capacity()},
          {"dedup→write", to_write_.depth(), to_write_.capacity()}};
}

}  // namespace sluice
