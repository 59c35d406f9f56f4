// `sluice ingest` on captures that lie next to the repository, if they do. What must come of them
// is summed up here from their lines, with nothing of Sluice's own.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "child_process.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// The parts of a frame that make a transmission and an observation what they are.
struct Heard {
  bool bad_path = false;
  std::string transmission;  ///< equal for copies
  std::string path;          ///< equal where path_json is
  std::string node;          ///< the key of an advert, as hex
};

unsigned byte_at(const std::string& hex, std::size_t index) {
  return static_cast<unsigned>(std::stoul(hex.substr(2 * index, 2), nullptr, 16));
}

Heard listen(const std::string& hex) {
  constexpr unsigned kAdvert = 4;
  constexpr unsigned kTrace = 9;
  Heard heard;
  const unsigned header = byte_at(hex, 0);
  const unsigned type = header >> 2 & 15;
  const bool coded = (header & 3) == 0 || (header & 3) == 3;
  const std::size_t path_at = coded ? 5 : 1;
  const unsigned path_byte = byte_at(hex, path_at);
  const unsigned size = (path_byte >> 6) + 1;
  const unsigned count = path_byte & 63;
  heard.bad_path = size == 4 || size * count > 64;
  if (heard.bad_path) return heard;
  const std::string path = hex.substr(2 * (path_at + 1), std::size_t{2} * size * count);
  const std::string payload = hex.substr(2 * (path_at + 1) + path.size());
  heard.transmission = std::to_string(type) + '/' + payload;
  if (type == kTrace) heard.transmission += '/' + std::to_string(path_byte);
  // A trace's path is in its payload.
  if (type != kTrace && count > 0) heard.path = std::to_string(size) + '/' + path;
  if (type == kAdvert && payload.size() >= 200) heard.node = payload.substr(0, 64);
  return heard;
}

/// What a capture's lines add up to.
struct Sums {
  int messages = 0;
  int bad_paths = 0;
  int copies = 0;  ///< of an observation that was there already
  int observations = 0;
  int statuses = 0;
  std::set<std::string> transmissions;
  std::vector<std::string> first_copies;  ///< raw texts, in the order of the file
  std::set<std::string> observers;
  std::set<std::string> nodes;
  std::map<std::string, int> messages_of;  ///< by observer
};

std::string text(const simdjson::dom::element& object, const char* key) {
  return std::string(object[key].get_string().value());
}

class Summing {
 public:
  void add(const std::string& line) {
    ++sums_.messages;
    const simdjson::dom::element record = outer_.parse(line);
    const std::string topic = text(record, "topic");
    const std::size_t region = topic.find('/') + 1;
    const std::size_t start = topic.find('/', region) + 1;
    const std::string observer = topic.substr(start, topic.find('/', start) - start);
    if (topic.ends_with("/status")) {
      ++sums_.statuses;
    } else {
      std::string raw = text(inner_.parse(text(record, "payload")), "raw");
      std::erase_if(raw, [](char c) { return c == ' ' || c == '\n' || c == '\r'; });
      if (!add_packet(observer, raw)) return;
    }
    sums_.observers.insert(observer);
    ++sums_.messages_of[observer];
  }
  [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
  bool add_packet(const std::string& observer, const std::string& raw) {
    const Heard heard = listen(raw);
    if (heard.bad_path) {
      ++sums_.bad_paths;
      return false;
    }
    if (sums_.transmissions.insert(heard.transmission).second) sums_.first_copies.push_back(raw);
    const bool fresh = seen_.insert(heard.transmission + '/' + observer + '/' + heard.path).second;
    ++(fresh ? sums_.observations : sums_.copies);
    if (!heard.node.empty()) sums_.nodes.insert(heard.node);
    return true;
  }

  simdjson::dom::parser outer_;
  simdjson::dom::parser inner_;
  std::set<std::string> seen_;
  Sums sums_;
};

class CapturesTest : public ::testing::Test {
 protected:
  /// Takes in the capture, and sums it up. Skips the test where there is none.
  void take_in(const std::string& name) {
    const auto file = std::filesystem::path(SLUICE_SOURCE_ROOT) / "../shared/captures" / name;
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is absent";
    std::ifstream lines(file);
    Summing summing;
    for (std::string line; std::getline(lines, line);) summing.add(line);
    sums_ = summing.sums();
    ChildProcess sluice({SLUICE_BINARY, "ingest", file.string(), "--db", database(), "--report"});
    EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
    output_ = sluice.output();
  }

  [[nodiscard]] std::string database() const { return directory_.file("mesh.db"); }

  /// The number behind `key=` in the last ledger line.
  [[nodiscard]] int ledger(const std::string& key) const {
    const std::string line = output_.substr(output_.rfind("[ledger]"));
    std::smatch found;
    return std::regex_search(line, found, std::regex(key + "=(\\d+)")) ? std::stoi(found[1]) : -1;
  }

  void expect_the_sums() {
    EXPECT_EQ(ledger("received"), sums_.messages);
    EXPECT_EQ(ledger("committed"), sums_.observations + sums_.statuses);
    EXPECT_EQ(ledger("merged"), sums_.copies);
    EXPECT_EQ(ledger("rejected"), sums_.bad_paths);
    EXPECT_EQ(ledger("dropped"), 0);
    const OtherConnection tables(database());
    EXPECT_EQ(tables.count("observations"), sums_.observations);
    EXPECT_THAT(tables.rows("SELECT raw_hex FROM transmissions ORDER BY id"),
                ElementsAreArray(sums_.first_copies));
    EXPECT_EQ(tables.count("nodes"), static_cast<int>(sums_.nodes.size()));
    EXPECT_EQ(tables.count("observers"), static_cast<int>(sums_.observers.size()));
    for (const auto& [observer, messages] : sums_.messages_of) {
      EXPECT_EQ(tables.value("SELECT packet_count FROM observers WHERE id = '" + observer + "'"),
                std::to_string(messages));
    }
    EXPECT_EQ(ledger("in_flight"), 0);
    EXPECT_THAT(output_, HasSubstr("ledger: balanced"));
  }

  TempDir directory_;
  Sums sums_;
  std::string output_;
};

TEST_F(CapturesTest, PacketsFromTheAir) {
  take_in("real-500.jsonl");
  if (IsSkipped()) return;
  EXPECT_EQ(ledger("received"), 500);
  EXPECT_EQ(ledger("committed"), 498);
  EXPECT_EQ(ledger("merged"), 1);
  EXPECT_TRUE(std::regex_search(output_, std::regex("rejected +1  frame_bad_path_encoding")));
  expect_the_sums();
}

TEST_F(CapturesTest, NetworkOfTwoHundredObservers) {
  take_in("network-6k.jsonl");
  if (IsSkipped()) return;
  EXPECT_EQ(sums_.observers.size(), 200U);
  expect_the_sums();
}

}  // namespace
}  // namespace sluice::test
