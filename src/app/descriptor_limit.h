#pragma once

#include <cstddef>

namespace sluice {

/// Makes sure that the process may open as many files as it is going to need: raises its own limit
/// as far as it may, and throws std::runtime_error, which says what to change, if that is not
/// enough.
///
/// `sources` is the number of brokers.
void require_descriptors(std::size_t sources);

}  // namespace sluice
