#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Looks an environment variable up. A variable that is set to nothing counts as not set
/// (contract 1.1), which is the caller's rule, not this function's.
///
/// Thread: any.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process. The returned function may be called while no other thread
/// changes the environment, which nothing in Sluice does.
[[nodiscard]] Environment process_environment();

/// No variable is set.
[[nodiscard]] Environment empty_environment();

}  // namespace sluice
