#pragma once

#include <memory>
#include <vector>

#include "base/stage.h"
#include "decode/companion_packet.h"
#include "decode/envelope_parser.h"
#include "model/batch.h"
#include "packet/content_hash.h"
#include "packet/crypto/region_scope.h"
#include "queue/handle_queue.h"

namespace sluice {

/// What every decode worker shares.
///
/// Thread: immutable.
struct DecodeRules {
  EnvelopeRules envelope;
  std::vector<SourceRules> sources;  ///< by source index
  std::shared_ptr<const RegionKeys> regions;
};

/// Takes a message apart as far as each copy needs it: envelope, frame, content hash, path text and
/// the scope of this copy's transport codes. The payload is not looked at here: that is done once
/// per transmission, behind dedup.
///
/// There may be any number of these side by side; batches leave in whatever order they finish.
///
/// Thread: bound(decode), one per worker.
class DecodeStage final : public Stage {
 public:
  DecodeStage(HandleQueue<Batch>& in, HandleQueue<Batch>& out,
              std::shared_ptr<const DecodeRules> rules);

  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return done_; }

 private:
  void decode(Batch& batch);
  [[nodiscard]] RejectReason add_packet(Batch& batch, Entry& entry, const PacketReport& report);
  [[nodiscard]] static RejectReason add_client_reception(Batch& batch, Entry& entry,
                                                         const ClientReport& report);
  [[nodiscard]] static RejectReason refuse_frame(Batch& batch, Entry& entry, std::string_view raw,
                                                 RejectReason reason);
  static void add_to_packets(Batch& batch, Entry& entry, Packet packet);

  HandleQueue<Batch>::Consumer in_;
  HandleQueue<Batch>::Producer out_;
  std::shared_ptr<const DecodeRules> rules_;
  EnvelopeParser parser_;
  ContentHasher hasher_;
  CompanionHasher companion_hasher_;
  std::unique_ptr<Batch> unsent_;
  bool done_ = false;
};

}  // namespace sluice
