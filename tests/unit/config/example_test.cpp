#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "config/load.h"

namespace sluice {
namespace {

const std::filesystem::path kConfigs = std::filesystem::path(SLUICE_SOURCE_ROOT) / "configs";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

LoadReport report_of(const std::filesystem::path& path) {
  LoadReport report;
  (void)load_config(path, empty_environment(), &report);
  return report;
}

TEST(ExampleConfig, EqualsTheDefaults) {
  LoadReport report;
  const Config example =
      load_config(kConfigs / "config.example.json", empty_environment(), &report);
  EXPECT_THAT(report.notes, ::testing::IsEmpty());
  EXPECT_EQ(example, load_config(kConfigs / "no-such-file.json", empty_environment()));
}

/// Below a null the keys can't be there.
bool is_in(simdjson::dom::element root, const std::string& key) {
  simdjson::dom::element at = root;
  const std::regex separators(R"([.\[\]]+)");
  for (std::sregex_token_iterator part(key.begin(), key.end(), separators, -1), end; part != end;
       ++part) {
    if (at.is_null()) return true;
    const std::string name = *part;
    if (at.is_array() ? at.at(std::stoul(name)).get(at) : at.at_key(name).get(at)) return false;
  }
  return true;
}

TEST(ExampleConfig, HasEveryKey) {
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.load((kConfigs / "config.example.json").string());
  for (const Setting& setting : report_of(kConfigs / "config.example.json").settings) {
    if (setting.key.starts_with("CORESCOPE_")) continue;  // only the environment has it
    EXPECT_TRUE(is_in(root, setting.key)) << setting.key;
  }
  EXPECT_FALSE(is_in(root, "noSuchKey"));
  EXPECT_FALSE(is_in(root, "mqttSources[0].noSuchKey"));
}

TEST(ConfigManual, NamesEveryKey) {
  const std::string manual = read_file(kConfigs / "README.md");
  for (const Setting& setting : report_of(kConfigs / "config.example.json").settings) {
    const std::string key = std::regex_replace(setting.key, std::regex(R"(\[0\])"), "[]");
    EXPECT_NE(manual.find("`" + key + "`"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace sluice
