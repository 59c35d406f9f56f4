#pragma once

#include "app/command_line.h"

namespace sluice {

/// `sluice run`: receives from every configured broker until SIGINT or SIGTERM. Returns the exit
/// code.
[[nodiscard]] int run(const RunCommand& command);

/// `sluice ingest`: the same pipeline with a capture file as its one source. Returns the exit code.
[[nodiscard]] int ingest(const IngestCommand& command);

}  // namespace sluice
