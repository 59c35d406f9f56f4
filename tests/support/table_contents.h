#pragma once

#include <string>
#include <vector>

#include "support/other_connection.h"

namespace sluice::test {

/// Everything that the writer has left, cell by cell, as lines that begin with the table's name.
/// Row ids are not compared, but the order that they give is; references appear as what they refer
/// to.
[[nodiscard]] std::vector<std::string> table_contents(const OtherConnection& database);

}  // namespace sluice::test
