#pragma once

#include <string>

namespace sluice {

/// A command line for a report: as one would type it, without passwords.
[[nodiscard]] std::string command_text(int argc, const char* const* argv);

}  // namespace sluice
