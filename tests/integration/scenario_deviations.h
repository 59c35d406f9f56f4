#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "scenario_file.h"

namespace sluice::test {

/// The expectation of a scenario is what the Go ingestor leaves. This makes of it what Sluice is to
/// leave: each deviation, by its number, changes exactly the cells, rows and counters that it is
/// about.
void apply_deviations(Scenario& scenario);

}  // namespace sluice::test
