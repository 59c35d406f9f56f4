#pragma once

#include <string>

#include "bench/floor/final_rows.h"
#include "bench/floor/run_figures.h"

namespace sluice::bench {

/// The floor: writes the rows with the plainest loop there is. Prepared inserts, all indexes, the
/// same pragmas, checkpoints by the same rule, `rows_per_transaction` observations at a time, each
/// behind its transmission; nothing is decoded, looked up or decided. The few rows of other tables
/// go with the first transaction. `path` is a database with its schema, and may hold rows already.
[[nodiscard]] RunFigures run_bulk_loop(const std::string& path, const FinalRows& rows,
                                       std::uint64_t rows_per_transaction);

}  // namespace sluice::bench
