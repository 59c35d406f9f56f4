#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "bench/floor/bulk_loop.h"
#include "bench/floor/experiments.h"
#include "bench/floor/pipeline_run.h"
#include "bench/floor/ratios.h"

namespace sluice::bench {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

namespace {

struct Pair {
  RunFigures pipeline;
  RunFigures floor;
};

void print_row(const char* what, const std::vector<Pair>& pairs,
               const std::function<double(const RunFigures&)>& figure, double scale) {
  std::vector<double> pipeline;
  std::vector<double> floor;
  std::vector<double> ratios;
  for (const Pair& pair : pairs) {
    pipeline.push_back(figure(pair.pipeline) * scale);
    floor.push_back(figure(pair.floor) * scale);
    ratios.push_back(figure(pair.pipeline) / figure(pair.floor));
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  fmt::print("  {:<34} {:>10.2f} {:>10.2f}   {:>6.2f}   ({:.2f} to {:.2f})\n", what,
             median(pipeline), median(floor), median(ratios), *least, *most);
}

void print_pairs(const std::vector<Pair>& pairs) {
  fmt::print("  {:<34} {:>10} {:>10}   {:>6}\n", "medians", "pipeline", "floor", "ratio");
  print_row(
      "wall time, µs an observation", pairs,
      [](const RunFigures& run) { return run.wall_seconds / double(run.observations); }, 1e6);
  print_row(
      "writer's CPU, µs an observation", pairs,
      [](const RunFigures& run) { return run.writer_cpu_seconds / double(run.observations); }, 1e6);
  print_row(
      "WAL bytes an observation", pairs,
      [](const RunFigures& run) { return double(run.wal_bytes) / double(run.observations); }, 1);
  print_row(
      "statements an observation", pairs,
      [](const RunFigures& run) { return double(run.statements) / double(run.observations); }, 1);
  print_row(
      "transactions", pairs, [](const RunFigures& run) { return double(run.transactions); }, 1);
  print_row(
      "checkpoints", pairs, [](const RunFigures& run) { return double(run.checkpoints) + 1e-9; },
      1);
}

}  // namespace

void compare_with_floor(const Workspace& workspace, const FloorOptions& options) {
  for (const std::uint64_t before : options.rows_before) {
    for (const std::int64_t max_rows : options.max_rows) {
      std::optional<FinalRows> rows;
      std::vector<Pair> pairs;
      for (int number = 0; number < options.pairs; ++number) {
        fmt::print(stderr, "... floor: {} messages before, {} rows, pair {} of {}\n", before,
                   max_rows, number + 1, options.pairs);
        Pair pair;
        std::string path = workspace.fresh_copy(before, options.lean);
        const HighWater water = high_water(path);
        pair.pipeline = run_pipeline({.capture = workspace.capture(before),
                                      .database = path,
                                      .max_rows = max_rows,
                                      .lean_indexes = options.lean});
        if (!rows) rows.emplace(path, water);
        path = workspace.fresh_copy(before, options.lean);
        // As many transactions: repeats count towards the cap, and are merged.
        const double share = double(pair.pipeline.observations) / double(pair.pipeline.packets);
        pair.floor = run_bulk_loop(
            path, *rows, std::max<std::uint64_t>(1, std::llround(double(max_rows) * share)));
        pairs.push_back(pair);
      }
      fmt::print(
          "\nfloor: a file that has taken in {} messages; {} more of {} observers, {} rows a"
          " transaction\n",
          before, options.messages, options.observers, max_rows);
      print_pairs(pairs);
      std::fflush(stdout);
    }
  }
}

}  // namespace sluice::bench
