#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/stage.h"
#include "journal/journal.h"
#include "metrics/histogram.h"
#include "metrics/ledger.h"
#include "model/batch.h"
#include "model/flow.h"
#include "queue/handle_queue.h"

namespace sluice {

struct FeedOptions {
  std::size_t batch_messages = 256;  ///< a batch is cut at this many messages …
  std::size_t batch_bytes = std::size_t{1}
                            << 20U;  ///< … or this many bytes of payload, whichever comes first
  /// How long a smaller batch waits for company; 0 in per-packet mode.
  std::chrono::milliseconds linger{5};
  /// How long it may wait while a window is open that is far from full, as long as it gets there a
  /// linger before that closes: until then nobody would see its rows. Not if the journal fills.
  std::chrono::milliseconds linger_in_window{5};
};

/// Reads behind each source's appender and cuts what it finds into batches of references. Live
/// traffic, catching up and a file are all the same to it: a distance between appender and reader.
///
/// Recovered sources come first, one after the other in the order given, each when all batches of
/// the one before have been put in order: what was received first is written first.
///
/// It is woken for what it has looked for in vain: by receive for a message in a journal that was
/// empty, or for the end of one; by dedup for a place in the reorder ring, or for the last batch of
/// a recovered source; by decode for room in the queue. What arrives while it lingers is the
/// company that it waits for, and costs nobody a system call.
///
/// At most kReorderPlaces batches of a source are between here and dedup, so that dedup's reorder
/// ring can take every batch that arrives and nothing can deadlock.
///
/// Thread: bound(feed).
class Feed final : public Stage {
 public:
  struct Source {
    Journal* journal;
    SourceLedger* ledger;
    SourceFlow* flow;
    /// What an earlier process has received: goes through before anything of the other sources.
    bool recovered = false;
  };

  Feed(const std::vector<Source>& sources, HandleQueue<Batch>& out, const WindowFlow& window,
       const FeedOptions& options, const Clock& clock, Histogram& batch_sizes);

  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] MonoTime next_deadline() const override { return next_deadline_; }

 private:
  struct Lane {
    Source source;
    std::uint64_t next_batch = 0;
    MonoTime waiting_since = MonoTime::max();  // when its backlog was first seen; max() without one
  };

  [[nodiscard]] bool is_through(const Lane& lane) const;
  void choose_lanes();
  [[nodiscard]] bool wants_cut(Lane& lane, MonoTime now);
  [[nodiscard]] MonoTime due(const Lane& lane) const noexcept;
  [[nodiscard]] std::unique_ptr<Batch> cut(Lane& lane);

  const WindowFlow& window_;
  const FeedOptions options_;
  const Clock& clock_;
  Histogram& batch_sizes_;
  std::vector<Lane> lanes_;
  std::vector<Lane*> serving_;     // whose turn it is: one recovered lane, or all others
  std::size_t turn_ = 0;           // the lane that is looked at first, so that none starves
  std::unique_ptr<Batch> unsent_;  // cut, but the queue was full
  HandleQueue<Batch>::Producer out_;
  MonoTime next_deadline_ = MonoTime::max();
  bool done_ = false;
};

}  // namespace sluice
