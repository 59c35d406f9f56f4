#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/floor/workspace.h"

namespace sluice::bench {

struct FloorOptions {
  std::string directory = "bench-floor.tmp";
  std::vector<std::uint64_t> rows_before{0, 1'000'000, 5'000'000};
  std::vector<std::int64_t> max_rows{50'000, 1'000};
  std::uint64_t messages = 400'000;
  std::uint32_t observers = 300;
  std::uint64_t single = 6'000;
  int pairs = 5;
  bool lean = false;  ///< the floor with `sluice.indexes: lean`, on both sides
  bool keep = false;
};

/// The whole pipeline against the bulk loop, for each file and each transaction size. Ratios below
/// 1 mean that the pipeline is faster.
void compare_with_floor(const Workspace& workspace, const FloorOptions& options);

/// One transaction per window against single commits and against our own groupCommitMs 0.
void compare_with_history(const Workspace& workspace, const FloorOptions& options);

/// The bulk loop with all indexes against the bulk loop without one of them.
void price_indexes(const Workspace& workspace, const FloorOptions& options);

}  // namespace sluice::bench
