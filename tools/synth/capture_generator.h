#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "flood_planner.h"
#include "malformed_writer.h"
#include "network_model.h"
#include "payload_builder.h"
#include "record_writer.h"
#include "synth_options.h"

namespace sluice {

/// Produces a capture line by line. Transmissions are planned as network time goes on; their
/// records wait, in order of time, until nothing earlier can come. Memory is what a few seconds of
/// the network need, whatever the capture's length.
///
/// Thread: bound(its user).
class CaptureGenerator {
 public:
  explicit CaptureGenerator(const SynthOptions& options);

  /// Appends the next line to `out`; false when the capture is complete.
  bool next(std::string& out);

  [[nodiscard]] const SynthCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] const NetworkModel& network() const noexcept { return network_; }

 private:
  enum class Kind : std::uint8_t { kPacket, kRepeat, kMalformed, kStatus, kFirstStatus };

  /// A message that has its time and awaits its turn.
  struct Planned {
    Kind kind = Kind::kPacket;
    std::uint32_t transmission = 0;
    std::uint64_t spoil_seed = 0;
    PacketCopy copy;
  };
  struct Turn {
    std::int64_t time_us;  ///< since the capture's start
    std::uint64_t number;  ///< settles who is first at the same time
    std::uint32_t planned;
    bool operator>(const Turn& other) const noexcept {
      return time_us != other.time_us ? time_us > other.time_us : number > other.number;
    }
  };

  void plan_first_statuses();
  void plan_transmission();
  void plan_copy(std::uint32_t transmission, std::int64_t start_us);
  void plan_side_traffic(std::uint32_t transmission, std::int64_t until_us);
  void schedule(std::int64_t time_us, const Planned& planned);
  void emit(const Turn& turn, std::string& out);
  void count(Kind kind, const Planned& planned);
  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] std::uint32_t take_transmission_slot();
  void release_transmission(std::uint32_t slot);

  SynthOptions options_;
  NetworkModel network_;
  PayloadBuilder payloads_;
  FloodPlanner floods_;
  RecordWriter writer_;
  Rng rng_;
  SynthCounts counts_;

  std::int64_t clock_us_ = 0;   ///< nothing planned from here on is earlier
  std::int64_t first_us_ = -1;  ///< when the first record came, the capture's own zero
  std::uint64_t next_number_ = 0;
  std::int64_t status_credit_ = 0;  ///< in parts per million of a message, see plan_side_traffic
  std::int64_t malformed_credit_ = 0;
  std::uint32_t next_status_ = 0;

  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
  std::vector<Planned> planned_;
  std::vector<std::uint32_t> free_planned_;
  std::vector<Transmission> transmissions_;
  std::vector<std::uint32_t> free_transmissions_;
  TopicAndPayload message_;
};

}  // namespace sluice
