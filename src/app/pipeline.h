#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/wakeup.h"
#include "config/config.h"
#include "decode/decode_stage.h"
#include "dedup/dedup_stage.h"
#include "dedup/event_log.h"
#include "journal/journal.h"
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
};

/// Every number that the pipeline keeps.
struct PipelineMetrics {
  Ledger ledger;
  Histogram batch_messages;
  DedupCounters dedup;
  WriteMetrics write;
};

/// The stages and what joins them, wired and ready to be polled; no thread is started here. Built
/// in two steps, because sources must be receiving before anything slow happens: after the
/// constructor the journals take messages, after open_store() everything else can run.
///
/// Thread: built and asked by app/; each stage is bound to the thread that polls it.
class Pipeline {
 public:
  Pipeline(const Config& config, const std::vector<SourceSpec>& sources, const Clock& clock);

  [[nodiscard]] Intake intake(std::size_t source) {
    return {journals_[source], *accounts_[source]};
  }
  [[nodiscard]] Wakeup& feed_wakeup() noexcept { return feed_wakeup_; }

  /// Opens or creates the database and its schema, and builds the stages. Throws StoreError; after
  /// one that is kBusy it may be called again.
  void open_store();

  /// A stage, the thread it gets, and what wakes that thread.
  struct Seat {
    std::string name;
    Stage* stage;
    Wakeup* wakeup;
  };
  /// In the order of the flow; the last one is done when everything is written.
  [[nodiscard]] const std::vector<Seat>& seats() const noexcept { return seats_; }

  /// After the last stage is done: ends the statements, moves the WAL into the database, closes it.
  void close_store();

  [[nodiscard]] PipelineMetrics& metrics() noexcept { return metrics_; }
  [[nodiscard]] const PipelineMetrics& metrics() const noexcept { return metrics_; }

  struct QueueDepth {
    const char* name;
    std::size_t depth;
    std::size_t capacity;
  };
  [[nodiscard]] std::vector<QueueDepth> queue_depths() const;
  [[nodiscard]] const std::deque<Journal>& journals() const noexcept { return journals_; }

 private:
  [[nodiscard]] std::vector<SourceFlow*> flow_pointers();
  void build_front(std::size_t workers);
  void build_writer();

  const Config config_;
  const Clock& clock_;
  PipelineMetrics metrics_;
  std::shared_ptr<const DecodeRules> rules_;

  std::deque<Journal> journals_;
  std::vector<SourceLedger*> accounts_;
  std::deque<SourceFlow> flows_;

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
  std::optional<DedupStage> dedup_;
  std::optional<WriteStage> writer_;
  std::vector<Seat> seats_;
};

}  // namespace sluice
