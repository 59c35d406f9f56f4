#pragma once

#include <string>

#include "bench/floor/final_rows.h"
#include "bench/floor/run_figures.h"

namespace sluice::bench {

/// The way it was: the statements that CoreScope's ingestor runs for each packet (contract 3.6),
/// each its own transaction, synchronous FULL, SQLite's own cache size and checkpoints. Without
/// what the ingestor spends on MQTT, JSON and its language: the numbers flatter it.
///
/// Writes the first `most` observations of `rows` into a database that has its schema.
[[nodiscard]] RunFigures run_single_commits(const std::string& path, const FinalRows& rows,
                                            std::uint64_t most);

}  // namespace sluice::bench
