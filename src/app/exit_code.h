#pragma once

namespace sluice {

// Supervisors and scripts look at these; 0 and 1 are CoreScope's (contract 1.1).
inline constexpr int kExitDone = 0;
inline constexpr int kExitFatal = 1;
inline constexpr int kExitBadArguments = 2;
/// A stage stood still for longer than `sluice.stallTimeoutSec`: start it again.
inline constexpr int kExitStalled = 3;

}  // namespace sluice
