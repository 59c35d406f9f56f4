#pragma once

#include <map>
#include <string>

#include "base/clock.h"

namespace sluice::test {

/// Writes moments in the forms that scenarios ask for.
///
/// Thread: bound to the test.
class ScenarioTimes {
 public:
  /// `text` with every `${now+SECONDS:KIND}` made a time. Remembers what stands for what.
  [[nodiscard]] std::string substitute(const std::string& text, WallTime now);

  /// What `${now…}` stood for when it was last substituted. If it never was, because the same time
  /// was sent in another form: what it would have stood for at the last substitution.
  [[nodiscard]] std::string substituted(const std::string& placeholder) const;

 private:
  std::map<std::string, std::string> made_;
  WallTime last_;
};

}  // namespace sluice::test
