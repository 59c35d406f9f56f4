#include "app/pipeline.h"

#include <algorithm>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "config/channel_key_layers.h"
#include "packet/crypto/channel_keys.h"
#include "packet/crypto/key_derivation.h"
#include "store/schema.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

// Batches of up to 256 messages: two of these queues hold a second of the busiest network that was
// ever measured, and what lies beyond them waits in the journal, where it costs nothing.
constexpr std::size_t kQueueBatches = 32;

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

Pipeline::Pipeline(const Config& config, const std::vector<SourceSpec>& sources, const Clock& clock)
    : config_(config),
      clock_(clock),
      to_decode_(kQueueBatches, &decode_wakeup_, &feed_wakeup_),
      to_dedup_(kQueueBatches, &dedup_wakeup_, &decode_wakeup_),
      to_write_(kQueueBatches, &write_wakeup_, &dedup_wakeup_) {
  auto rules = std::make_shared<DecodeRules>();
  rules->envelope = {.observer_blacklist = config.observer_blacklist,
                     .iata_whitelist = config.observer_iata_whitelist,
                     .client_coverage_enabled = config.client_rx_coverage_enabled};
  rules->regions = std::make_shared<const RegionKeys>(config.hash_regions);
  const JournalOptions journal_options{
      .max_bytes = static_cast<std::size_t>(config.sluice.journal.max_bytes),
      .max_record_bytes = static_cast<std::size_t>(config.sluice.journal.max_record_bytes)};
  for (const SourceSpec& source : sources) {
    rules->sources.push_back(source.rules);
    Journal& journal = journals_.emplace_back(journal_options);
    flows_.emplace_back();
    SourceLedger& account = metrics_.ledger.add_source(source.name);
    account.journal_backlog = [&journal] { return journal.backlog(); };
    accounts_.push_back(&account);
  }
  rules_ = std::move(rules);
}

void Pipeline::open_store() {
  connection_.reset();
  connection_.emplace(ConnectionOptions{
      .path = config_.db_path, .cache_kib = static_cast<int>(config_.sluice.sqlite_cache_kib)});
  create_schema(*connection_, {.region_keys = !config_.hash_regions.empty()});
  log_info("SQLite opened: {}", config_.db_path);
  build_front(choose_workers(config_.sluice.decode_workers));
  build_writer();
}

std::vector<SourceFlow*> Pipeline::flow_pointers() {
  std::vector<SourceFlow*> flows;
  for (SourceFlow& flow : flows_) flows.push_back(&flow);
  return flows;
}

void Pipeline::build_front(std::size_t workers) {
  std::vector<Feed::Source> feed_sources;
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    feed_sources.push_back({.journal = &journals_[i], .ledger = accounts_[i], .flow = &flows_[i]});
  }
  feed_.emplace(feed_sources, to_decode_,
                FeedOptions{.linger = choose_linger(config_.window.group_commit)}, clock_,
                metrics_.batch_messages);
  seats_.push_back({"feed", &*feed_, &feed_wakeup_});
  for (std::size_t i = 0; i < workers; ++i) {
    decoders_.emplace_back(to_decode_, to_dedup_, rules_);
    seats_.push_back({fmt::format("decode-{}", i), &decoders_.back(), &decode_wakeup_});
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
                 metrics_.dedup, &feed_wakeup_, &*events_);
  seats_.push_back({"dedup", &*dedup_, &dedup_wakeup_});
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
                             .checkpoint = {}};
  writer_.emplace(to_write_, std::move(write_sources), *connection_, options, clock_,
                  metrics_.write);
  connection_->set_busy_timeout(
      0ms);  // from here on a locked database is a state of the writer, not a sleep
  connection_->rebind();
  seats_.push_back({"write", &*writer_, &write_wakeup_});
}

void Pipeline::close_store() {
  if (!connection_) return;
  seats_.clear();
  writer_.reset();
  connection_->rebind();
  connection_->set_busy_timeout(5000ms);
  connection_->close();
  connection_.reset();
}

std::vector<Pipeline::QueueDepth> Pipeline::queue_depths() const {
  return {{"feed→decode", to_decode_.depth(), to_decode_.capacity()},
          {"decode→dedup", to_dedup_.depth(), to_dedup_.capacity()},
          {"dedup→write", to_write_.depth(), to_write_.capacity()}};
}

}  // namespace sluice
