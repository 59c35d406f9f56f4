#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/environment.h"

namespace sluice {

/// The configuration can't be used. The message names the file, the key's path, what was expected
/// and what was found; it never contains a password. Fatal at start-up (contract 1.2).
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Origin { kDefault, kFile, kEnvironment };

/// "default", "file" or "environment".
[[nodiscard]] std::string_view to_string(Origin origin) noexcept;

/// Where one value of the configuration comes from, as text for people. Secrets are masked.
struct Setting {
  /// Path in the config file, as in `mqttSources[0].topics`; a value that only the environment can
  /// give has the variable's name.
  std::string key;
  /// The value in effect, after defaults and rules.
  std::string value;
  Origin origin = Origin::kDefault;
  /// The environment variable, if the value comes from one.
  std::string variable;
};

/// A key of the file that this version does not know. Most belong to CoreScope's server.
struct UnknownKey {
  /// Its path, as in `retention.nodeDay`.
  std::string path;
  /// The path of the key that was probably meant: the closest one of the same object, or one of
  /// that very name elsewhere. Empty if none suggests itself.
  std::string meant;
};

/// What load_config() has to say besides the result.
struct LoadReport {
  /// One line each, for the log: no file, no source, a value that was cut, an entry that was
  /// skipped.
  std::vector<std::string> notes;
  /// Every key this version knows, in the order of reading.
  std::vector<Setting> settings;
  /// Keys without effect, comments left out, in the objects that this version reads.
  std::vector<UnknownKey> unknown_keys;
  /// Nobody has named a source, and the configuration's only one is a broker on this machine.
  bool source_is_assumed = false;
};

/// Reads the config file and the environment (contract 1.1, 1.2). A file that does not exist is no
/// error: a note and the defaults. Throws ConfigError for anything else that is wrong.
[[nodiscard]] Config load_config(const std::filesystem::path& path, const Environment& environment,
                                 LoadReport* report = nullptr);

}  // namespace sluice
