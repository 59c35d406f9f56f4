#pragma once

#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace sluice {

/// What the tools' programs return.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,  ///< something did not work, or not everything
  kExitUsage = 2,   ///< the command line makes no sense
};

/// Parses the command line, then runs `run`. Help and version end well, anything wrong with the
/// options is kExitUsage, an exception becomes its text and kExitFailed.
template <typename Run>
int cli_main(CLI::App& app, int argc, char** argv, Run&& run) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitOk : kExitUsage;
  }
  try {
    return run();
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitOk : kExitUsage;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), e.what());
    return kExitFailed;
  }
}

}  // namespace sluice
