#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace sluice {

/// What tells this source from all others: its tag, and a number if an earlier one has the same.
/// Sources may share a tag, but never a session at the broker, nor a journal.
[[nodiscard]] std::string source_identity(const std::vector<SourceConfig>& sources,
                                          std::size_t place);

}  // namespace sluice
