#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/stage.h"
#include "dedup/event_log.h"
#include "dedup/flood_guard.h"
#include "dedup/known_transmissions.h"
#include "dedup/transmission_reader.h"
#include "metrics/counter.h"
#include "model/batch.h"
#include "model/flow.h"
#include "queue/handle_queue.h"

namespace sluice {

struct DedupCounters {
  Counter fresh_transmissions;
  Counter known_copies;
  Counter payload_decodes;  ///< done by the decoder; what comes without a frame needs none
  Counter signature_checks;
};

/// Puts each source's batches back into the order in which feed cut them, tells which transmission
/// every packet is a copy of, and decodes the payload of first copies. What was found out about a
/// transmission stays in its slot and goes along with every copy.
///
/// The result for one source is the same for any number of decode workers. Between sources the
/// first copy is the one whose batch gets here first.
///
/// Thread: bound(dedup).
class DedupStage final : public Stage {
 public:
  DedupStage(HandleQueue<Batch>& in, HandleQueue<Batch>& out, std::vector<SourceFlow*> flows,
             KnownTransmissions known, TransmissionReader reader, DedupCounters& counters,
             Wakeup* feed_wakeup = nullptr, EventLog* events = nullptr,
             FloodGuard* guard = nullptr);

  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] MonoTime next_deadline() const override;

 private:
  struct Lane {
    SourceFlow* flow;
    std::uint64_t next_batch = 0;
    std::array<std::unique_ptr<Batch>, kReorderPlaces> places;
  };

  [[nodiscard]] std::unique_ptr<Batch> next_in_order();
  void judge(Batch& batch);
  void recognise(std::size_t source, Packet& packet, WallTime received);
  [[nodiscard]] std::shared_ptr<const TransmissionFacts> read_payload(const Packet& packet);

  HandleQueue<Batch>::Consumer in_;
  HandleQueue<Batch>::Producer out_;
  std::vector<Lane> lanes_;
  std::size_t turn_ = 0;          // the lane that is looked at first, so that none starves
  std::size_t out_of_order_ = 0;  // batches waiting in the lanes' places
  KnownTransmissions known_;
  TransmissionReader reader_;
  DedupCounters& counters_;
  Wakeup* feed_wakeup_;
  EventLog* events_;
  FloodGuard* guard_;
  std::unique_ptr<Batch> unsent_;
  bool done_ = false;
};

}  // namespace sluice
