#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bench/floor/experiments.h"
#include "bench/floor/final_rows.h"
#include "bench/floor/pipeline_run.h"
#include "bench/floor/ratios.h"
#include "bench/floor/single_commits.h"

namespace sluice::bench {
namespace {

struct Way {
  const char* name;
  std::vector<RunFigures> runs;

  [[nodiscard]] double rate(std::size_t run) const {
    return double(runs[run].observations) / runs[run].wall_seconds;
  }
  [[nodiscard]] double median_of(double (*figure)(const RunFigures&)) const {
    std::vector<double> values;
    for (const RunFigures& run : runs) values.push_back(figure(run) / double(run.observations));
    return median(values);
  }
};

void print_way(const Way& way, const Way& base) {
  std::vector<double> rates;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < way.runs.size(); ++i) {
    rates.push_back(way.rate(i));
    ratios.push_back(way.rate(i) / base.rate(i));
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  fmt::print("  {:<38} {:>9.0f}   {:>6.1f} ×  ({:.1f} to {:.1f})   {:>6.3f} {:>8.0f} {:>7.2f}\n",
             way.name, median(rates), median(ratios), *least, *most,
             way.median_of([](const RunFigures& run) { return double(run.fsyncs); }),
             way.median_of([](const RunFigures& run) { return double(run.wal_bytes); }),
             way.median_of([](const RunFigures& run) { return double(run.statements); }));
}

}  // namespace

void compare_with_history(const Workspace& workspace, const FloorOptions& options) {
  const std::string short_capture = workspace.short_capture(options.messages / 8);
  std::string path = workspace.fresh_copy(0);
  const std::string whole_capture = workspace.capture(0);
  static_cast<void>(run_pipeline({.capture = short_capture, .database = path, .max_rows = 50'000}));
  const FinalRows rows(path, {});

  Way single{.name = "each statement its own commit", .runs = {}};
  Way packets{.name = "groupCommitMs 0", .runs = {}};
  Way windows{.name = "windows of 1,000", .runs = {}};
  Way large{.name = "windows of 50,000", .runs = {}};
  for (int number = 0; number < options.pairs; ++number) {
    fmt::print(stderr, "... history: round {} of {}\n", number + 1, options.pairs);
    single.runs.push_back(run_single_commits(workspace.fresh_copy(0), rows, options.single));
    packets.runs.push_back(run_pipeline(
        {.capture = short_capture, .database = workspace.fresh_copy(0), .window_ms = 0}));
    windows.runs.push_back(
        run_pipeline({.capture = whole_capture, .database = workspace.fresh_copy(0)}));
    large.runs.push_back(run_pipeline(
        {.capture = whole_capture, .database = workspace.fresh_copy(0), .max_rows = 50'000}));
  }
  for (const Way* base : {&single, &packets}) {
    fmt::print("\nhistory: against «{}», fresh file, synchronous FULL\n", base->name);
    fmt::print("  {:<38} {:>9}   {:>8}   {:>14}   {:>6} {:>8} {:>7}\n", "medians", "rows/s",
               "ratio", "", "fsyncs", "WAL", "stmts");
    for (const Way* way : {&single, &packets, &windows, &large}) print_way(*way, *base);
  }
  fmt::print("  fsyncs, WAL bytes and statements are an observation's\n");
}

}  // namespace sluice::bench
