#include "malformed_writer.h"

#include <fmt/format.h>

namespace sluice {
namespace {

/// Puts `value`, which is JSON, in the place of the record's raw text.
void replace_raw(TopicAndPayload& record, std::string_view value) {
  const std::size_t key = record.payload.find("\"raw\"");
  if (key == std::string::npos) return;
  const std::size_t colon = record.payload.find(':', key);
  const std::size_t open = record.payload.find('"', colon);
  const std::size_t close = record.payload.find('"', open + 1);
  record.payload.replace(open, close + 1 - open, value);
}

std::string raw_of(const TopicAndPayload& record) {
  const std::size_t key = record.payload.find("\"raw\"");
  if (key == std::string::npos) return {};
  const std::size_t open = record.payload.find('"', record.payload.find(':', key));
  return record.payload.substr(open + 1, record.payload.find('"', open + 1) - open - 1);
}

void bad_json(Rng& rng, TopicAndPayload& record) {
  const auto size = static_cast<std::uint32_t>(record.payload.size());
  switch (rng.below(4)) {
    case 0:
      record.payload.resize(1 + rng.below(size - 1));
      return;
    case 1:
      record.payload += "}";
      return;
    case 2:
      record.payload.insert(1, "raw: 15, ");
      return;
    default:
      record.payload = fmt::format("[{}]", record.payload);
  }
}

void wrong_type(Rng& rng, TopicAndPayload& record) {
  static constexpr std::string_view kValues[] = {"null",     "1503249559", "{}",
                                                 "[\"15\"]", "\"\"",       "true"};
  replace_raw(record, rng.pick(kValues));
}

void bad_hex(Rng& rng, TopicAndPayload& record) {
  std::string raw = raw_of(record);
  const std::uint32_t place = rng.below(static_cast<std::uint32_t>(raw.size()));
  if (rng.permille(500)) {
    raw[place] = 'G';
  } else {
    raw.pop_back();  // an odd number of digits
  }
  replace_raw(record, fmt::format("\"{}\"", raw));
}

void cut_frame(Rng& rng, TopicAndPayload& record) {
  static constexpr std::string_view kFrames[] = {
      "15",            // a header and nothing behind it
      "141122",        // ends within the transport codes
      "15C0AABBCCDD",  // hash size 4 does not exist
      "150A0102",      // a path longer than the frame
      "1561",          // 33 hops of 2 bytes
  };
  replace_raw(record, fmt::format("\"{}\"", rng.pick(kFrames)));
}

void long_payload(Rng& rng, TopicAndPayload& record) {
  std::string raw = "\"1500";
  for (int i = 0; i < 185; ++i) raw += rng.permille(500) ? "5A" : "A5";
  replace_raw(record, raw + "\"");
}

void foreign(Rng& rng, TopicAndPayload& record) {
  switch (rng.below(6)) {
    case 0:
      record = {"meshcore/events/connection", R"({"state": "connected"})"};
      return;
    case 1:
      record = {"meshcore/status", "connected"};
      return;
    case 2:
      record.topic = record.topic.substr(0, record.topic.rfind('/')) + "/serial/responses";
      record.payload = "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIn0.e30.00";
      return;
    case 3:
      record.topic = record.topic.substr(0, record.topic.rfind('/')) + "/debug";
      record.payload = R"({"type": "DEBUG", "message": "noise floor calibrated"})";
      return;
    case 4:
      record = {"meshcore/", ""};
      return;
    default:
      record = {"homeassistant/sensor/mesh/config", R"({"name": "mesh", "unique_id": "m1"})"};
  }
}

void plain_bytes(Rng& rng, TopicAndPayload& record) {
  record.payload.assign(1 + rng.below(120), '\0');
  for (char& c : record.payload) c = static_cast<char>(rng.below(256));
}

}  // namespace

void spoil_record(Rng& rng, TopicAndPayload& record) {
  switch (rng.below(7)) {
    case 0:
      return bad_json(rng, record);
    case 1:
      return wrong_type(rng, record);
    case 2:
      return bad_hex(rng, record);
    case 3:
      return cut_frame(rng, record);
    case 4:
      return long_payload(rng, record);
    case 5:
      return foreign(rng, record);
    default:
      return plain_bytes(rng, record);
  }
}

}  // namespace sluice
