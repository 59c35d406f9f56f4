#include "app/check.h"

#include <cstdlib>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

#include "app/check_config.h"
#include "app/check_connect.h"
#include "app/check_paths.h"
#include "app/check_text.h"
#include "app/check_threads.h"
#include "app/exit_code.h"
#include "app/version.h"

namespace sluice {
namespace {

void append(std::vector<Finding>& findings, std::vector<Finding> more) {
  findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");  // what terminal programs have agreed on
  return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

int conclude(const std::vector<Finding>& findings, const Paint& paint) {
  std::cout << findings_text(findings, paint) << verdict_text(findings, paint) << std::flush;
  return would_run(findings) ? kExitDone : kExitFatal;
}

}  // namespace

int check(const CheckCommand& command) {
  const Paint paint(wants_colour());
  const Environment environment = process_environment();
  std::cout << paint.bold(fmt::format("Sluice {}", kVersion)) << " checks " << command.config_path
            << '\n';
  std::vector<Finding> findings;
  LoadReport report;
  Config config;
  try {
    config = load_config(command.config_path, environment, &report);
  } catch (const ConfigError& error) {
    findings.push_back({Severity::kProblem, "", error.what()});
    return conclude(findings, paint);
  }
  std::cout << settings_text(report, paint);
  append(findings, examine_config(config, report, environment));
  append(findings, examine_paths(config, report));
  append(findings, examine_threads(config.sluice.threads));
  if (command.connect) {
    std::cout << std::flush;  // the next may take some seconds
    ConnectCheck connections = check_connections(config);
    std::cout << connections_text(config, connections, paint);
    append(findings, std::move(connections.findings));
  }
  return conclude(findings, paint);
}

}  // namespace sluice
