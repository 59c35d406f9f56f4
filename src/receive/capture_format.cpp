#include "receive/capture_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <simdjson.h>

#include "base/hex.h"
#include "receive/base64.h"
#include "receive/line_reader.h"

namespace sluice {
namespace {

static_assert(LineReader::kPadding >= simdjson::SIMDJSON_PADDING);

constexpr double kMaxOffsetMs = 1e15;
constexpr std::size_t kMaxTopicBytes = 65535;

/// Which of the keys a line has brought.
struct Seen {
  bool offset = false;
  bool topic = false;
  bool text_payload = false;
  bool base64_payload = false;
};

bool read_offset(simdjson::dom::element value, CaptureRecord& record) {
  double ms = 0;
  if (value.get(ms) != simdjson::SUCCESS || !(ms >= 0) || ms > kMaxOffsetMs) return false;
  record.offset = std::chrono::milliseconds(std::llround(ms));
  return true;
}

bool read_topic(simdjson::dom::element value, CaptureRecord& record) {
  return value.get(record.topic) == simdjson::SUCCESS && !record.topic.empty() &&
         record.topic.size() <= kMaxTopicBytes;
}

bool read_qos(simdjson::dom::element value, CaptureRecord& record) {
  std::int64_t qos = 0;
  if (value.get(qos) != simdjson::SUCCESS || qos < 0 || qos > 2) return false;
  record.qos = static_cast<std::uint8_t>(qos);
  return true;
}

/// The bytes that can't stand in a JSON string as they are.
constexpr std::array<bool, 256> make_escaped() {
  std::array<bool, 256> escaped{};
  for (std::size_t i = 0; i < 0x20; ++i) escaped[i] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}

constexpr auto kEscaped = make_escaped();

void append_escape(char c, std::string& out) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      out.append("\\u00");
      out.push_back(kLowerHexDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kLowerHexDigits[c & 15]);
  }
}

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  const char* plain = text.data();
  const char* const end = text.data() + text.size();
  for (const char* p = plain; p != end; ++p) {
    if (!kEscaped[static_cast<unsigned char>(*p)]) continue;
    out.append(plain, p);
    append_escape(*p, out);
    plain = p + 1;
  }
  out.append(plain, end);
  out.push_back('"');
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void append_topic(std::string_view topic, std::string& out) {
  if (is_utf8(topic)) return append_json_string(topic, out);
  std::string readable(topic);
  std::replace_if(
      readable.begin(), readable.end(), [](char c) { return (c & 0x80) != 0; }, '?');
  append_json_string(readable, out);
}

}  // namespace

struct CaptureLineParser::State {
  simdjson::dom::parser parser;
  std::string decoded;  ///< the bytes of payload_b64

  const char* read_member(simdjson::dom::key_value_pair member, CaptureRecord& record, Seen& seen);
  const char* read_payload(simdjson::dom::element value, bool base64, CaptureRecord& record);
  const char* read_line(std::string_view line, CaptureRecord& record);
};

/// Returns what is wrong, or null.
const char* CaptureLineParser::State::read_payload(simdjson::dom::element value, bool base64,
                                                   CaptureRecord& record) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return base64 ? "payload_b64 is not a string" : "payload is not a string";
  }
  if (!base64) {
    record.payload = text;
    return nullptr;
  }
  decoded.clear();
  if (!decode_base64(text, decoded)) return "payload_b64 is not base64";
  record.payload = decoded;
  return nullptr;
}

const char* CaptureLineParser::State::read_member(simdjson::dom::key_value_pair member,
                                                  CaptureRecord& record, Seen& seen) {
  if (member.key == "payload") {
    seen.text_payload = true;
    return read_payload(member.value, false, record);
  }
  if (member.key == "payload_b64") {
    seen.base64_payload = true;
    return read_payload(member.value, true, record);
  }
  if (member.key == "t_ms") {
    seen.offset = true;
    if (!read_offset(member.value, record)) return "t_ms is not a number of milliseconds from 0 on";
  } else if (member.key == "topic") {
    seen.topic = true;
    if (!read_topic(member.value, record)) return "topic is not a string of 1 to 65535 bytes";
  } else if (member.key == "qos") {
    if (!read_qos(member.value, record)) return "qos is not 0, 1 or 2";
  } else if (member.key == "retain") {
    if (member.value.get(record.retain) != simdjson::SUCCESS) return "retain is not true or false";
  }
  return nullptr;
}

const char* CaptureLineParser::State::read_line(std::string_view line, CaptureRecord& record) {
  simdjson::dom::element document;
  const auto parsed = parser.parse(line.data(), line.size(), false).get(document);
  if (parsed != simdjson::SUCCESS) return simdjson::error_message(parsed);
  simdjson::dom::object object;
  if (document.get(object) != simdjson::SUCCESS) return "the line is not a JSON object";
  record = CaptureRecord{};
  Seen seen;
  for (const auto member : object) {
    if (const char* fault = read_member(member, record, seen)) return fault;
  }
  if (!seen.offset) return "t_ms is missing";
  if (!seen.topic) return "topic is missing";
  if (!seen.text_payload && !seen.base64_payload) return "payload is missing";
  if (seen.text_payload && seen.base64_payload) return "payload and payload_b64 exclude each other";
  return nullptr;
}

CaptureLineParser::CaptureLineParser() : state_(std::make_unique<State>()) {}
CaptureLineParser::~CaptureLineParser() = default;
CaptureLineParser::CaptureLineParser(CaptureLineParser&&) noexcept = default;
CaptureLineParser& CaptureLineParser::operator=(CaptureLineParser&&) noexcept = default;

bool CaptureLineParser::parse(std::string_view line, CaptureRecord& record, std::string& error) {
  const char* fault = state_->read_line(line, record);
  if (fault != nullptr) error = fault;
  return fault == nullptr;
}

void append_capture_line(const CaptureRecord& record, std::string& out) {
  std::array<char, std::numeric_limits<std::int64_t>::digits10 + 2> number;
  const auto text = std::to_chars(number.data(), number.data() + number.size(),
                                  static_cast<std::int64_t>(record.offset.count()));
  out.append("{\"t_ms\":").append(number.data(), text.ptr);
  out.append(",\"topic\":");
  append_topic(record.topic, out);
  if (is_utf8(record.payload)) {
    out.append(",\"payload\":");
    append_json_string(record.payload, out);
  } else {
    out.append(",\"payload_b64\":\"");
    append_base64(record.payload, out);
    out.push_back('"');
  }
  out.append(",\"qos\":").push_back(static_cast<char>('0' + record.qos));
  out.append(record.retain ? ",\"retain\":true}\n" : ",\"retain\":false}\n");
}

}  // namespace sluice
