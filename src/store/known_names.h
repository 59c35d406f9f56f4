#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "store/connection.h"

namespace sluice {

/// Tables whose rows are named by senders.
enum class NamedTable : std::uint8_t { kObservers, kNodes, kClientObservers };

/// Calls `use` with the names in the table, at most `most` of them: those seen last, and of these
/// the latest last. Throws StoreError.
void read_known_names(Connection& connection, NamedTable table, std::int64_t most,
                      const std::function<void(std::string_view name)>& use);

}  // namespace sluice
