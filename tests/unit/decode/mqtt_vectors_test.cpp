// The lines of kind "mqtt" of tests/data/packets/vectors.jsonl: number and timestamp coercion.

#include <string>

#include <simdjson.h>

#include "base/timestamp_text.h"
#include "decode/timestamp_parse.h"
#include "envelope_fixture.h"

namespace sluice {
namespace {

using simdjson::dom::element;

class MqttVectors : public EnvelopeFixture {
 protected:
  void SetUp() override {
    const std::string path = std::string(SLUICE_SOURCE_ROOT) + "/tests/data/packets/vectors.jsonl";
    ASSERT_EQ(json_.load_many(path).get(lines_), simdjson::SUCCESS);
  }

  void check(const element& line) {
    SCOPED_TRACE(std::string(std::string_view(line["id"])));
    const std::string value = simdjson::minify(element(line["value"]));
    if (std::string_view(line["what"]) == "number_field") {
      check_number(value, line);
    } else {
      check_timestamp(value, line);
    }
  }

  void check_number(const std::string& value, const element& line) {
    double expected = 0;
    const bool present = line["result"].get(expected) == simdjson::SUCCESS;
    const auto number = packet_with("\"SNR\":" + value).snr;
    EXPECT_EQ(number, present ? std::optional(expected) : std::nullopt) << value;
  }

  void check_timestamp(const std::string& value, const element& line) {
    const auto parsed = parse_timestamp(packet_with("\"timestamp\":" + value).timestamp);
    std::string_view expected;
    const bool present = line["utc_second"].get(expected) == simdjson::SUCCESS;
    ASSERT_EQ(parsed.has_value(), present) << value;
    if (!present) return;
    EXPECT_EQ(TimestampText(parsed->time).view(), expected);
    EXPECT_EQ(parsed->naive, bool(line["naive"]));
  }

  simdjson::dom::parser json_;
  simdjson::dom::document_stream lines_;
};

TEST_F(MqttVectors, AllHold) {
  int checked = 0;
  for (const element line : lines_) {
    if (std::string_view(line["kind"]) != "mqtt") continue;
    check(line);
    ++checked;
  }
  EXPECT_EQ(checked, 26);
}

}  // namespace
}  // namespace sluice
