#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/recovery.h"
#include "base/clock.h"
#include "base/wakeup.h"
#include "config/config.h"
#include "decode/decode_stage.h"
#include "dedup/dedup_stage.h"
#include "dedup/event_log.h"
#include "dedup/flood_guard.h"
#include "journal/journal.h"
#include "journal/journal_directory.h"
#include "journal/journal_keeper.h"
#include "metrics/flood_metrics.h"
#include "metrics/ledger.h"
#include "model/batch.h"
#include "model/flow.h"
#include "queue/handle_queue.h"
#include "receive/feed.h"
#include "receive/intake.h"
#include "store/connection.h"
#include "write/write_stage.h"

namespace sluice {

/// One thing that appends to a journal, as the pipeline sees it.
struct SourceSpec {
  std::string name;
  SourceRules rules;
  /// What the journal calls it, where the name alone does not tell it from another; '' = the name.
  std::string identity = {};

  [[nodiscard]] const std::string& journal_name() const noexcept {
    return identity.empty() ? name : identity;
  }
};

/// Every number that the pipeline keeps.
struct PipelineMetrics {
  Ledger ledger;
  Histogram batch_messages;
  DedupCounters dedup;
  FloodMetrics flood;
  WriteMetrics write;
};

/// Where the journals are, and what becomes of those that belong to another database.
struct JournalPlace {
  JournalDirectory* directory = nullptr;  ///< null: in memory
  ForeignJournals foreign = ForeignJournals::kRefuse;
  /// Bytes of a segment, at least: tests make them small, so that few messages fill one.
  std::size_t segment_bytes = JournalOptions{}.segment_bytes;
  /// What the database remembers of it, so that a start that looks elsewhere finds out; '':
  /// nothing.
  std::string named = {};
  /// For tests on a file system in main memory: what was synced there counts as durable.
  bool trust_every_sync = false;
};

/// The stages and what joins them, wired and ready to be polled; no thread is started here. Built
/// in two steps, because sources must be receiving before anything slow happens: after the
/// constructor the journals take messages, after open_store() everything else can run.
///
/// What earlier processes have received and not committed becomes sources of its own, behind those
/// that were asked for, and goes through the stages before anything new does.
///
/// Thread: built and asked by app/; each stage is bound to the thread that polls it.
class Pipeline {
 public:
  /// Throws JournalError when there is no room for the journals.
  Pipeline(const Config& config, std::vector<SourceSpec> sources, const Clock& clock,
           JournalPlace place = {});

  [[nodiscard]] Intake intake(std::size_t source) {
    return {journals_[source], *accounts_[source]};
  }
  [[nodiscard]] Wakeup& feed_wakeup() noexcept { return feed_wakeup_; }

  /// Tends the journals; on its thread before the first message, and until the last is committed.
  [[nodiscard]] JournalKeeper& keeper() noexcept { return keeper_; }
  [[nodiscard]] Wakeup& keeper_wakeup() noexcept { return keeper_wakeup_; }

  /// Opens or creates the database and its schema, finds what earlier processes have left, and
  /// builds the stages. `patience`: for another process's lock. `keep_going` is asked while indexes
  /// are built, see SchemaOptions. Throws StoreError; after one that is kBusy it may be called
  /// again. Throws JournalError for what was received for another database.
  void open_store(std::chrono::milliseconds patience = std::chrono::seconds(5),
                  const std::function<bool()>& keep_going = {});

  /// What is received and not committed is there at the next start.
  [[nodiscard]] bool outlives_the_process() const noexcept { return place_.directory != nullptr; }

  /// A stage, the thread it gets, what wakes that thread, and where it runs.
  struct Seat {
    std::string name;
    Stage* stage;
    Wakeup* wakeup;
    const ThreadConfig* placement;
  };
  /// In the order of the flow; the last one is done when everything is written.
  [[nodiscard]] const std::vector<Seat>& seats() const noexcept { return seats_; }

  /// Removes the files of earlier processes of which everything is committed, and which no source
  /// needs to recognise what its broker sends again. While the stages run, too.
  void remove_finished_journals();

  /// After the last stage is done: ends the statements, removes the journals, moves the WAL into
  /// the database, closes it.
  void close_store();

  [[nodiscard]] PipelineMetrics& metrics() noexcept { return metrics_; }
  [[nodiscard]] const PipelineMetrics& metrics() const noexcept { return metrics_; }

  struct QueueDepth {
    const char* name;
    std::size_t depth;
    std::size_t capacity;
  };
  [[nodiscard]] std::vector<QueueDepth> queue_depths() const;
  /// Of all journals.
  [[nodiscard]] std::uint64_t journal_syncs() const noexcept;

  /// Of the live sources, then of what was recovered.
  [[nodiscard]] const std::deque<Journal>& journals() const noexcept { return journals_; }
  /// In the same order.
  [[nodiscard]] const std::deque<SourceFlow>& flows() const noexcept { return flows_; }

 private:
  [[nodiscard]] std::vector<SourceFlow*> flow_pointers();
  void add_source(SourceSpec source, Journal& journal);
  void recover();
  [[nodiscard]] const Journal* live_journal_of(const std::string& identity) const;
  [[nodiscard]] std::vector<std::string> journals_in_files(
      const std::vector<LeftBehind>& plan) const;
  static void retire(JournalFile& file);
  [[nodiscard]] bool is_needed(const JournalFile& earlier) const;
  [[nodiscard]] std::shared_ptr<const DecodeRules> make_rules() const;
  void build_guard();
  void build_front(std::size_t workers);
  void build_writer();
  void take_seats();
  void remove_journals();
  void forget_positions(const std::vector<std::string>& journals);

  const Config config_;
  const Clock& clock_;
  PipelineMetrics metrics_;

  const JournalPlace place_;
  Wakeup keeper_wakeup_;
  JournalKeeper keeper_;
  std::vector<SourceSpec> sources_;  // as asked for, then what was recovered
  const std::size_t live_sources_;
  std::deque<Journal> journals_;    // likewise
  std::vector<bool> removed_;       // … of the latter, whose file is gone
  std::list<JournalFile> kept_;     // committed, but redelivered messages are recognised by them
  std::vector<std::string> spent_;  // journals that are gone without having been sources
  std::vector<SourceLedger*> accounts_;
  std::deque<SourceFlow> flows_;
  WindowFlow window_flow_;

  Wakeup feed_wakeup_;
  Wakeup decode_wakeup_;
  Wakeup dedup_wakeup_;
  Wakeup write_wakeup_;
  HandleQueue<Batch> to_decode_;
  HandleQueue<Batch> to_dedup_;
  HandleQueue<Batch> to_write_;

  std::optional<Connection> connection_;
  std::optional<Feed> feed_;
  std::deque<DecodeStage> decoders_;
  std::optional<EventLog> events_;
  std::optional<FloodGuard> guard_;
  std::optional<DedupStage> dedup_;
  std::optional<WriteStage> writer_;
  std::vector<Seat> seats_;
};

}  // namespace sluice
