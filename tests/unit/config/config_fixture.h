#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "config/load.h"

namespace sluice {

/// A directory of its own with a config file in it, and an environment that is made up.
class ConfigFixture : public ::testing::Test {
 protected:
  ConfigFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-config-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = name;
  }
  ~ConfigFixture() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::filesystem::path path(std::string_view name = "config.json") const {
    return directory_ / name;
  }
  void write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void set(const std::string& name, const std::string& value) { variables_[name] = value; }

  [[nodiscard]] Environment environment() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
  }

  /// Loads `json` as the config file; the report of the last load is in report_.
  Config load(std::string_view json) {
    write("config.json", json);
    return load_file();
  }
  Config load_file() {
    report_ = {};
    return load_config(path(), environment(), &report_);
  }

  /// The message of the ConfigError that loading `json` throws, without the directory.
  std::string error_of(std::string_view json) {
    try {
      (void)load(json);
    } catch (const ConfigError& error) {
      std::string message = error.what();
      const std::string prefix = directory_.string() + "/";
      if (message.starts_with(prefix)) message.erase(0, prefix.size());
      return message;
    }
    return "";
  }

  [[nodiscard]] Setting setting(std::string_view key) const {
    for (const Setting& one : report_.settings)
      if (one.key == key) return one;
    ADD_FAILURE() << "no setting " << key;
    return {};
  }

  std::filesystem::path directory_;
  std::map<std::string, std::string> variables_;
  LoadReport report_;
};

}  // namespace sluice
