#pragma once

#include <string>
#include <vector>

#include "scenario_file.h"
#include "scenario_run.h"

namespace sluice::test {

/// Compares one table cell by cell, types included, and says what differs, one line each.
///
/// Ids must ascend, and their gaps are free: an id, and what refers to one, counts as the place of
/// its row. A clock's cell must lie within the run, give or take a second.
[[nodiscard]] std::vector<std::string> differences(const std::string& name,
                                                   const ExpectedTable& expected,
                                                   const ExpectedTables& all_expected,
                                                   const Outcome& outcome);

}  // namespace sluice::test
