#pragma once

#include <string>

namespace sluice {

enum class Severity {
  kGood,
  kWarning,  ///< it runs, but probably not as meant
  kProblem,  ///< it would not run
};

/// One thing that `sluice check` has to say.
struct Finding {
  Severity severity = Severity::kWarning;
  std::string subject;  ///< a key, a variable, a source
  std::string text;

  bool operator==(const Finding&) const = default;
};

}  // namespace sluice
