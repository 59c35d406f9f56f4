#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sluice {

/// Gets threads ready to be asked for their stacks. Call it before the first other thread starts.
void install_stack_dump();

/// What every thread of the process is doing: for each a line with its name and number, and a line
/// for each of its frames, innermost first. Threads that do not answer within `patience`, which is
/// for all together, are named as such. Stops nobody for longer than it takes to walk a stack.
///
/// Thread: any, one at a time; others wait.
[[nodiscard]] std::vector<std::string> stack_dump(
    std::chrono::milliseconds patience = std::chrono::seconds(2));

/// The same, as lines of the log.
void log_stack_dump();

}  // namespace sluice
