#include "config/environment.h"

#include <cstdlib>

namespace sluice {

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Environment empty_environment() {
  return [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
}

}  // namespace sluice
