// The JSON writer against a parser that shares no code with it: what comes back must be the text
// that went in, with each invalid byte replaced, and the very same number.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/utf8.h"
#include "fuzz/check.h"
#include "packet/describe/flat_json.h"
#include "packet/json_text.h"

namespace {

using namespace sluice;

simdjson::dom::parser& parser() {
  static simdjson::dom::parser instance;
  return instance;
}

std::string with_replacements(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    out += c.valid ? text.substr(0, c.size) : kReplacementUtf8;
    text.remove_prefix(c.size);
  }
  return out;
}

void check_string(std::string_view text) {
  std::string json;
  JsonWriter writer(json);
  writer.integer("first", 1);
  writer.text("text", text);
  writer.flag("last", true);
  writer.finish();
  FUZZ_CHECK(is_valid_utf8(json));
  simdjson::dom::element object;
  FUZZ_CHECK(parser().parse(json).get(object) == simdjson::SUCCESS);
  const std::string expected = with_replacements(text);
  std::string_view back;
  FUZZ_CHECK(text.empty() || object["text"].get(back) == simdjson::SUCCESS);
  FUZZ_CHECK(back == expected);
  FUZZ_CHECK(flat_text(json, "text") == expected);
  FUZZ_CHECK(is_valid_utf8(text) == simdjson::validate_utf8(text.data(), text.size()));
}

void check_number(double value) {
  std::string json;
  append_json_number(json, value);
  if (!std::isfinite(value)) {
    FUZZ_CHECK(json == "null");
    return;
  }
  FUZZ_CHECK(std::strtod(json.c_str(), nullptr) == value);
  const std::string array = "[" + json + "]";
  // Integers beyond 64 bits are valid JSON that this parser refuses to represent.
  const auto error = parser().parse(array).error();
  FUZZ_CHECK(error == simdjson::SUCCESS || std::fabs(value) >= 9.2e18);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_string({reinterpret_cast<const char*>(data), size});
  double value = 0;
  if (size >= sizeof value) {
    std::memcpy(&value, data, sizeof value);
    check_number(value);
  }
  return 0;
}
