#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "load_options.h"
#include "observer_rows.h"
#include "template_set.h"

namespace sluice {

/// Lets the run's observers announce themselves, each with a status, and waits until the database
/// knows them: so their first packets find them there, and a wrong broker, database or topic shows
/// before anything is measured. Returns which have not appeared, by index. Throws
/// std::runtime_error when none has.
[[nodiscard]] std::vector<bool> introduce_observers(const LoadOptions& options,
                                                    const std::vector<LoadObserver>& observers,
                                                    ObserverRows& rows);

}  // namespace sluice
