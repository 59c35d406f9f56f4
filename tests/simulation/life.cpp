#include "life.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store_error.h"
#include "support/ledger_expectations.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kRecentMessages = 8;
constexpr int kMostTurns = 200'000;  // an end that takes more polls than this is stuck

Config draw_config(const World& world, const std::string& db_path) {
  constexpr std::chrono::milliseconds kWindows[] = {0ms, 5ms, 1000ms, 60'000ms};
  constexpr std::int64_t kRows[] = {1, 3, 20, 1000};
  constexpr std::int64_t kMemories[] = {1, 3, 8, 1024};
  constexpr std::int64_t kJournalBytes[] = {1, 64 << 10, 512 << 10};
  PipelineSpec spec{.window = kWindows[world.draw(std::size(kWindows))],
                    .max_rows = kRows[world.draw(std::size(kRows))],
                    .dedup_transmissions = kMemories[world.draw(std::size(kMemories))],
                    .decode_workers = 1 + world.draw(3)};
  Config config = make_config(spec, db_path);
  config.client_rx_coverage_enabled = true;
  config.sluice.journal.min_free_bytes = 0;
  config.sluice.journal.max_record_bytes = 2000;
  config.sluice.journal.max_bytes = kJournalBytes[world.draw(std::size(kJournalBytes))];
  return config;
}

}  // namespace

Life::Life(World& world, fs::path directory, std::size_t sources)
    : world_(world),
      directory_(std::move(directory)),
      sources_(sources),
      faults_(db_path(), world.draw(1U << 30U)),
      journals_(db_path() + "-journals") {
  constexpr std::size_t kSegments[] = {4096, 8192, 64 << 10};
  pipeline_.emplace(draw_config(world, db_path()), make_sources(sources), world.clock,
                    JournalPlace{.directory = &journals_,
                                 .segment_bytes = kSegments[world.draw(std::size(kSegments))],
                                 .named = "the same in each life",
                                 .trust_every_sync = true});
  for (std::size_t i = 0; i < sources; ++i) {
    intakes_.push_back(pipeline_->intake(i));
    const Journal& journal = pipeline_->journals()[i];
    tracks_.push_back({.uuid = journal.uuid()});
  }
}

Life::~Life() {
  world_.faults += faults_.failed();
  faults_.clear();  // closing the database writes, and a planned death would touch what is gone
}

bool Life::live(std::uint32_t steps) {
  for (std::uint32_t early = world_.draw(12); early > 0; --early)
    world_.one_in(2) ? receive() : poll_keeper();
  if (!open()) return false;
  plan_trouble();
  if (world_.one_in(3)) plan_death();
  for (std::uint32_t i = 0; i < steps && !dead_ && !testing::Test::HasFailure(); ++i) step();
  return !dead_;
}

/// What the last life's death in the middle of a COMMIT has left. Looked at before the start, which
/// forgets the positions of journals that are done.
void Life::settle_inheritance() {
  if (!fs::exists(db_path())) return;
  other_.emplace(db_path());
  if (other_->count("sqlite_master WHERE name = 'sluice_position'") > 0) settle();
  other_.reset();
}

bool Life::open() {
  settle_inheritance();
  if (world_.one_in(6)) {
    // It dies while it starts: with the schema half made, or the journals half looked at.
    constexpr FaultCall kCalls[] = {FaultCall::kWrite, FaultCall::kSync, FaultCall::kRead};
    faults_.fail({.call = kCalls[world_.draw(std::size(kCalls))],
                  .code = SQLITE_IOERR_FSYNC,
                  .nth = 1 + world_.draw(40)});
  }
  try {
    pipeline_->open_store();
  } catch (const StoreError&) {
    if (faults_.failed() == 0) throw;
    return false;
  }
  faults_.clear();
  other_.emplace(db_path());
  settle();
  world_.history.life_ends();  // what the last one had processed and not committed begins anew
  look_at_recovered();
  return true;
}

void Life::look_at_recovered() {
  for (const Track& track : tracks_) world_.history.begun(track.uuid);
  for (std::size_t i = sources_; i < pipeline_->journals().size(); ++i) {
    const Journal& journal = pipeline_->journals()[i];
    tracks_.push_back({.uuid = journal.uuid(), .runs = journal.runs()});
    world_.history.recovered(journal.uuid(), journal.runs());
    world_.note(journal.backlog());
  }
  world_.history.recovery_done();
}

void Life::plan_trouble() {
  if (world_.one_in(3)) return;  // a quiet life
  const auto with = [&](double probability) { return world_.one_in(2) ? probability : 0; };
  faults_.fail_at_random({.call = FaultCall::kLock, .code = SQLITE_BUSY}, with(0.3));
  faults_.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_FULL}, with(0.02));
  faults_.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE}, with(0.005));
  faults_.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE, .late = true},
                         with(0.005));
  faults_.fail_at_random({.call = FaultCall::kRead, .code = SQLITE_IOERR_READ}, with(0.005));
  for (const int code : {SQLITE_IOERR, SQLITE_FULL, SQLITE_BUSY})
    faults_.fail_at_random({.call = FaultCall::kCommit, .code = code}, with(0.1));
}

void Life::plan_death() {
  // Not between two steps, but while SQLite is writing, or by its own decision after a failed sync.
  constexpr FaultCall kCalls[] = {FaultCall::kWrite, FaultCall::kSync, FaultCall::kCommit};
  const Fault fault{.call = kCalls[world_.draw(std::size(kCalls))],
                    .code = SQLITE_IOERR_FSYNC,
                    .nth = 1 + world_.draw(120)};
  faults_.fail_and_tell(fault, [this] {
    in_the_middle_ = directory_.string() + "-in-the-middle";
    Disk::copy(directory_, in_the_middle_);
    dead_ = true;
  });
}

void Life::step() {
  switch (const std::uint32_t what = world_.draw(64); what) {
    case 0:
      return toggle_lock();
    case 1:
      return pipeline_->remove_finished_journals();
    case 2: {
      const std::size_t source = world_.draw(static_cast<std::uint32_t>(sources_));
      auto& journal = const_cast<Journal&>(pipeline_->journals()[source]);
      journal.ask_sync();
      tracks_[source].sync_asked = journal.appended();
      return;
    }
    case 3:
      return expect_accounts();
    default:
      if (what < 12) return receive();
      if (what < 18) return turn_clock();
      if (what < 22) return poll_keeper();
      return poll_stage(world_.draw(static_cast<std::uint32_t>(pipeline_->seats().size())));
  }
}

void Life::receive() {
  for (std::uint32_t burst = world_.one_in(8) ? world_.draw(24) : 1; burst > 0; --burst) {
    const std::size_t source = world_.draw(static_cast<std::uint32_t>(sources_));
    const bool again = !recent_.empty() && world_.one_in(5);
    Message message = again ? recent_[world_.draw(static_cast<std::uint32_t>(recent_.size()))]
                            : world_.next_message();
    if (recent_.size() == kRecentMessages) recent_.erase(recent_.begin());
    recent_.push_back(message);
    const Journal& journal = pipeline_->journals()[source];
    const std::uint64_t before = journal.appended();
    const WallTime now = world_.clock.wall();
    intakes_[source].take({.received = now,
                           .topic = message.topic,
                           .payload = message.payload,
                           .retained = message.retained});
    world_.note(journal.appended());
    if (journal.appended() == before) {
      ++dropped_;
      ++world_.dropped;
      continue;
    }
    world_.history.appended(journal.uuid(), journal.appended(),
                            {.message = std::move(message), .received = now});
  }
}

void Life::poll_stage(std::size_t seat) {
  const Pipeline::Seat& chosen = pipeline_->seats()[seat];
  if (chosen.name == "feed") return poll_feed();
  if (chosen.name == "dedup") return poll_dedup();
  if (chosen.name == "write") return poll_writer();
  world_.note(chosen.stage->poll());
}

void Life::poll_feed() {
  std::vector<std::uint64_t> before;
  for (const Journal& journal : pipeline_->journals()) before.push_back(journal.fed());
  world_.note(pipeline_->seats().front().stage->poll());
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const std::uint64_t fed = pipeline_->journals()[i].fed();
    if (fed != before[i]) tracks_[i].batch_ends.push_back(fed);
  }
}

std::uint64_t Life::Track::after(std::uint64_t seq) const {
  for (const RecoveredRun& run : runs) {
    if (run.last_seq > seq) return std::max(run.first_seq, seq + 1);
  }
  return seq + 1;
}

void Life::poll_dedup() {
  for (const Pipeline::Seat& seat : pipeline_->seats()) {
    if (seat.name == "dedup") world_.note(seat.stage->poll());
  }
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    for (; track.batches_in_order < pipeline_->flows()[i].in_order(); ++track.batches_in_order) {
      while (track.processed < track.batch_ends.at(track.batches_in_order)) {
        track.processed = track.after(track.processed);
        world_.history.processed(track.uuid, track.processed);
      }
    }
  }
}

void Life::poll_writer() {
  try {
    world_.note(pipeline_->seats().back().stage->poll());
  } catch (const StoreError&) {
    if (faults_.failed() == 0) throw;
    dead_ = true;  // the process ends: no later attempt can mend this
  }
  const WriteMetrics& writer = pipeline_->metrics().write;
  const std::uint64_t attempts = writer.transactions.value() +
                                 writer.position_transactions.value() +
                                 writer.failed_attempts.value();
  if (dead_ || attempts == attempts_) return;
  attempts_ = attempts;
  settle();
}

void Life::settle() {
  Positions positions;
  for (const std::string& row : other_->rows("SELECT journal_uuid, seq FROM sluice_position")) {
    const std::size_t bar = row.find('|');
    positions[row.substr(0, bar)] = std::stoull(row.substr(bar + 1));
  }
  world_.history.settle(positions, world_.clock.wall());
  world_.note(world_.history.landed().size());
}

void Life::poll_keeper() {
  pipeline_->keeper().poll();
  for (std::size_t i = 0; i < sources_; ++i) {
    auto& journal = const_cast<Journal&>(pipeline_->journals()[i]);
    Track& track = tracks_[i];
    const std::uint64_t asked = std::exchange(track.sync_asked, 0);
    if (asked <= track.synced) continue;
    EXPECT_GE(journal.durable(), asked);
    track.synced = asked;
    if (asked <= journal.released()) continue;  // it is committed: nothing is synced for it
    track.synced = journal.appended();
    world_.disk.synced(journal, journal.file().path(), track.synced);
  }
}

void Life::turn_clock() {
  constexpr std::uint32_t kMilliseconds[] = {4, 25, 400, 20'000};
  world_.clock.advance(1ms * world_.draw(kMilliseconds[world_.draw(std::size(kMilliseconds))]));
  if (!world_.one_in(12)) return;
  const auto step = 1s * static_cast<int>(world_.draw(7200));
  world_.clock.set_wall(world_.clock.wall() + (world_.one_in(2) ? step : -step));
}

void Life::toggle_lock() {
  if (other_holds_lock_) {
    other_->execute("COMMIT");
    other_holds_lock_ = false;
    return;
  }
  other_holds_lock_ = other_->try_execute("BEGIN IMMEDIATE");
  if (!other_holds_lock_ || !world_.one_in(3)) return;
  // Somebody else writes, too: the writer has to look at its row ids again.
  other_->execute("CREATE TABLE IF NOT EXISTS somebody_elses(x)");
  other_->execute("INSERT INTO somebody_elses VALUES (1)");
}

void Life::expect_accounts() const {
  ExpectLedgerBalances(pipeline_->metrics().ledger);
  const LedgerTotals totals = pipeline_->metrics().ledger.totals();
  EXPECT_EQ(totals.dropped_total(), dropped_);
}

void Life::leave_to(const fs::path& heir) {
  expect_accounts();
  if (!in_the_middle_.empty()) {
    fs::rename(in_the_middle_, heir);
  } else {
    Disk::copy(directory_, heir);
  }
}

void Life::end_cleanly() {
  faults_.clear();
  if (other_holds_lock_) toggle_lock();
  for (Intake& intake : intakes_) intake.close();
  const auto& seats = pipeline_->seats();
  for (int turn = 0; !seats.back().stage->done(); ++turn) {
    if (turn == kMostTurns) throw std::runtime_error("the pipeline does not end");
    poll_stage(world_.draw(static_cast<std::uint32_t>(seats.size())));
    if (turn % 64 == 0) turn_clock();
    if (testing::Test::HasFailure()) return;
  }
  expect_accounts();
  ExpectLedgerAtRest(pipeline_->metrics().ledger);
  pipeline_->close_store();
}

}  // namespace sluice::test
