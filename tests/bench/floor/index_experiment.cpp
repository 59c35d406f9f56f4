#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "bench/floor/bulk_loop.h"
#include "bench/floor/experiments.h"
#include "bench/floor/pipeline_run.h"
#include "bench/floor/ratios.h"
#include "store/connection.h"

namespace sluice::bench {
namespace {

struct Candidate {
  std::string name;
  std::vector<std::string> dropped;
  std::vector<RunFigures> runs;
};

std::vector<Candidate> candidates() {
  const std::vector<std::string> all{"idx_transmissions_hash",
                                     "idx_transmissions_first_seen",
                                     "idx_transmissions_payload_type",
                                     "idx_transmissions_from_pubkey",
                                     "idx_tx_channel_hash",
                                     "idx_tx_scope_name",
                                     "idx_tx_last_seen_zero",
                                     "idx_observations_transmission_id",
                                     "idx_observations_observer_idx",
                                     "idx_observations_timestamp",
                                     "idx_observations_tx_ts",
                                     "idx_observations_observer_idx_timestamp",
                                     "idx_observations_dedup"};
  std::vector<Candidate> result{{.name = "all there", .dropped = {}, .runs = {}}};
  for (const std::string& index : all)
    result.push_back({.name = "without " + index, .dropped = {index}, .runs = {}});
  result.push_back({.name = "without the three redundant ones",
                    .dropped = {"idx_transmissions_hash", "idx_observations_transmission_id",
                                "idx_observations_observer_idx"},
                    .runs = {}});
  result.push_back({.name = "without any of these", .dropped = all, .runs = {}});
  return result;
}

void print_candidate(const Candidate& candidate, const Candidate& base) {
  std::vector<double> wall;
  std::vector<double> saved;
  std::vector<double> wal;
  for (std::size_t i = 0; i < candidate.runs.size(); ++i) {
    const auto micros = [](const RunFigures& run) {
      return run.writer_cpu_seconds * 1e6 / double(run.observations);
    };
    wall.push_back(micros(candidate.runs[i]));
    saved.push_back(1 - micros(candidate.runs[i]) / micros(base.runs[i]));
    wal.push_back(double(candidate.runs[i].wal_bytes) / double(candidate.runs[i].observations));
  }
  fmt::print("  {:<50} {:>8.2f} {:>8.0f} % {:>10.0f}\n", candidate.name, median(wall),
             100 * median(saved), median(wal));
}

}  // namespace

void price_indexes(const Workspace& workspace, const FloorOptions& options) {
  const std::uint64_t before = options.rows_before.back();
  std::string path = workspace.fresh_copy(before);
  const HighWater water = high_water(path);
  static_cast<void>(
      run_pipeline({.capture = workspace.capture(before), .database = path, .max_rows = 50'000}));
  const FinalRows rows(path, water);
  std::vector<Candidate> ways = candidates();
  for (int number = 0; number < options.pairs; ++number) {
    for (Candidate& way : ways) {
      fmt::print(stderr, "... indexes: round {} of {}, {}\n", number + 1, options.pairs, way.name);
      path = workspace.fresh_copy(before);
      {
        Connection connection({.path = path});
        for (const std::string& index : way.dropped)
          connection.execute(("DROP INDEX " + index).c_str());
      }
      way.runs.push_back(
          run_bulk_loop(path, rows, static_cast<std::uint64_t>(options.max_rows.front())));
    }
  }
  fmt::print(
      "\nindexes: the bulk loop on a file that has taken in {} messages, {} rows a"
      " transaction\n  {:<50} {:>8} {:>10} {:>10}\n",
      before, options.max_rows.front(), "medians", "CPU µs", "saved", "WAL bytes");
  for (const Candidate& way : ways) print_candidate(way, ways.front());
}

}  // namespace sluice::bench
