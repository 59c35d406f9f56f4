#include "scenario_deviations.h"

#include <functional>
#include <vector>

namespace sluice::test {
namespace {

struct Deviation {
  const char* scenario;
  const char* number;
  std::function<void(Scenario&)> apply;
};

const std::vector<Deviation>& deviations() {
  static const std::vector<Deviation> kDeviations = {};
  return kDeviations;
}

}  // namespace

void apply_deviations(Scenario& scenario) {
  for (const Deviation& deviation : deviations()) {
    if (scenario.name == deviation.scenario) deviation.apply(scenario);
  }
}

}  // namespace sluice::test
