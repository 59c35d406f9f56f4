#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace sluice {

// A thread takes its place itself, at its start, so that nothing of it ever runs elsewhere and
// threads that it starts in turn inherit the place.
//
// Thread: any; each call is about the calling one.

/// Moves the calling thread to where `wanted` says and lets it be scheduled that way. Returns a
/// line for each thing that could not be had; without that the thread goes on.
[[nodiscard]] std::vector<std::string> place_this_thread(const ThreadConfig& wanted);

/// The first that a thread of ours does: takes its name (at most 15 characters, as ps and top show
/// it) and its place. What could not be had is a warning in the log.
void begin_thread(const std::string& name, const ThreadConfig& placement);

}  // namespace sluice
