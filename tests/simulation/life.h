#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "disk.h"
#include "history.h"
#include "journal/journal_directory.h"
#include "support/fault_vfs.h"
#include "support/manual_clock.h"
#include "support/messages.h"
#include "support/other_connection.h"

namespace sluice::test {

/// What one life draws its traffic from and reports to; it outlives the lives.
struct World {
  Draw draw;
  std::function<Message()> next_message;
  ManualClock clock;
  Disk disk;
  History history;
  /// Everything that happened, boiled down: two runs of one seed must agree in it.
  std::uint64_t digest = 0;
  std::size_t dropped = 0;
  std::size_t faults = 0;

  void note(std::uint64_t what) { digest = (digest ^ what) * 0x100000001b3U; }
  [[nodiscard]] bool one_in(std::uint32_t n) const { return draw(n) == 0; }
};

/// One process: from the journals that receive before the database is open, to a death at any
/// moment or a clean end. All stages are polled by the test, in an order that is drawn.
class Life {
 public:
  Life(World& world, std::filesystem::path directory, std::size_t sources);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  /// So many steps, or fewer when it dies before. False: it has died.
  bool live(std::uint32_t steps);
  /// Takes no more messages, writes everything, closes the database.
  void end_cleanly();
  /// What the dead process leaves behind, at the moment of its death, is copied to `heir`.
  void leave_to(const std::filesystem::path& heir);

  [[nodiscard]] std::string db_path() const { return (directory_ / "sim.db").string(); }

 private:
  [[nodiscard]] bool open();
  void look_at_recovered();
  void step();
  void receive();
  void poll_stage(std::size_t seat);
  void poll_feed();
  void poll_dedup();
  void poll_writer();
  void poll_keeper();
  void turn_clock();
  void plan_trouble();
  void plan_death();
  void toggle_lock();
  void settle_inheritance();
  void settle();
  void expect_accounts() const;

  World& world_;
  const std::filesystem::path directory_;
  const std::size_t sources_;
  FaultPlan faults_;
  JournalDirectory journals_;
  std::optional<Pipeline> pipeline_;
  std::vector<Intake> intakes_;
  std::optional<OtherConnection> other_;
  bool other_holds_lock_ = false;
  bool dead_ = false;
  std::filesystem::path in_the_middle_;  // copied while the database was writing

  struct Track {
    std::string uuid;
    std::vector<RecoveredRun> runs = {};         // of an earlier life's: which numbers there are
    std::vector<std::uint64_t> batch_ends = {};  // the last message of each batch, by its number
    std::uint64_t batches_in_order = 0;
    std::uint64_t processed = 0;
    std::uint64_t sync_asked = 0;
    std::uint64_t synced = 0;

    [[nodiscard]] std::uint64_t after(std::uint64_t seq) const;
  };
  std::vector<Track> tracks_;   // as the pipeline's journals
  std::uint64_t attempts_ = 0;  // of the writer
  std::size_t dropped_ = 0;
  std::vector<Message> recent_;
};

}  // namespace sluice::test
