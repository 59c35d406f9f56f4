#pragma once

namespace sluice {

/// Turns SIGINT and SIGTERM into a flag; system calls that wait return early with EINTR. A second
/// signal ends the process at once.
void catch_stop_signals();

[[nodiscard]] bool stop_requested() noexcept;

}  // namespace sluice
