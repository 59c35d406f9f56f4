// How far the pipeline is from what SQLite must do, and from the way it was.
//
//   floor    capture ─► receive ─► feed ─► decode ─► dedup ─► write ─► database    all of it, in
//   this process
//            final rows, in memory ─────► plain inserts in bulk ─────► database    the floor
//   history  the same rows, each statement its own commit; our own commit per packet
//   indexes  the floor without one index after the other: what each of them costs
//
// Pairs are interleaved, and the medians of their ratios are what counts: one run's seconds say
// little on a machine that others use as well.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "bench/floor/experiments.h"
#include "cli_main.h"

namespace {

using namespace sluice;
using namespace sluice::bench;

int run(const FloorOptions& options, const std::vector<std::string>& parts) {
  const auto wants = [&](std::string_view part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  std::vector<std::uint64_t> before =
      wants("floor") || wants("indexes") ? options.rows_before : std::vector<std::uint64_t>{0};
  if (before.front() != 0) before.insert(before.begin(), 0);
  const Workspace workspace({.directory = options.directory,
                             .rows_before = before,
                             .messages = options.messages,
                             .observers = options.observers});
  if (wants("floor")) compare_with_floor(workspace, options);
  if (wants("history")) compare_with_history(workspace, options);
  if (wants("indexes")) price_indexes(workspace, options);
  if (!options.keep) std::filesystem::remove_all(options.directory);
  return kExitOk;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Compares the pipeline with the least that SQLite has to do.", "bench_floor");
  FloorOptions options;
  std::vector<std::string> parts{"floor", "history"};
  app.add_option("parts", parts, "floor, history, indexes; without any: floor and history")
      ->check(CLI::IsMember({"floor", "history", "indexes"}));
  app.add_option("-n,--messages", options.messages, "messages of a run")->capture_default_str();
  app.add_option("--observers", options.observers, "observers that send them")
      ->capture_default_str();
  app.add_option("--rows-before", options.rows_before,
                 "messages that the file has taken in before, in ascending order")
      ->capture_default_str();
  app.add_option("--max-rows", options.max_rows, "groupCommitMaxRows")->capture_default_str();
  app.add_option("--pairs", options.pairs, "interleaved pairs")->capture_default_str();
  app.add_flag("--lean", options.lean, "the floor with sluice.indexes: lean, on both sides");
  app.add_option("--single", options.single, "observations of a run with single commits")
      ->capture_default_str();
  app.add_option("--dir", options.directory, "working directory, on the disk to measure")
      ->capture_default_str();
  app.add_flag("--keep", options.keep, "leave captures and databases there");
  start_log(LogLevel::kError);
  return cli_main(app, argc, argv, [&] { return run(options, parts); });
}
