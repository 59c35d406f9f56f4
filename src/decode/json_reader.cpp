#include "decode/json_reader.h"

#include <bit>
#include <new>

#include "base/json_repair.h"
#include "decode/envelope_parser.h"
#include "decode/number_rule.h"

namespace sluice {
namespace {

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

/// What nearly every record fits into, so that growing is the exception.
constexpr std::size_t kInitialBytes = 16 * 1024;

/// simdjson counts the document itself as a level and refuses the one that reaches its limit.
constexpr std::size_t kParserDepth = JsonReader::kMaxDepth + 1;

/// The first byte that is not white space: an object or `null` is all that may begin here, which
/// also keeps out scalars and a byte order mark, on which parsers differ.
bool may_be_object(std::string_view payload) noexcept {
  const std::size_t start = payload.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && (payload[start] == '{' || payload[start] == 'n');
}

/// simdjson does not count an empty array or object as a level, the reference does. Records that
/// are too short for that many levels need no look.
bool is_too_deep(std::string_view payload) noexcept {
  if (payload.size() <= 2 * JsonReader::kMaxDepth) return false;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const char c = payload[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '{' || c == '[') {
      if (++depth > JsonReader::kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    }
  }
  return false;
}

void check(simdjson::error_code error) {
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
}

}  // namespace

void JsonReader::reset() {
  parser_ = std::make_unique<simdjson::dom::parser>();
  check(parser_->allocate(kInitialBytes, kParserDepth));
}

std::optional<JsonObject> JsonReader::read(std::string_view payload) {
  if (!may_be_object(payload) || is_too_deep(payload)) return std::nullopt;
  if (auto object = parse(payload.data(), payload.size())) return object;
  if (!repair_json(payload, repaired_)) return std::nullopt;
  const std::size_t size = repaired_.size();
  repaired_.append(kJsonPadding, '\0');
  return parse(repaired_.data(), size);
}

std::optional<JsonObject> JsonReader::parse(const char* text, std::size_t size) {
  static constexpr char kEmptyObject[2 + kJsonPadding] = {'{', '}'};
  if (size > parser_->capacity()) check(parser_->allocate(std::bit_ceil(size), kParserDepth));
  JsonValue root;
  const auto error = parser_->parse(text, size, false).get(root);
  check(error);
  if (error != simdjson::SUCCESS) return std::nullopt;
  if (root.is_null()) return parse(kEmptyObject, 2);
  JsonObject object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

void JsonReader::shrink() {
  if (parser_->capacity() > kKeepBytes) reset();
  if (repaired_.capacity() > kKeepBytes) std::string().swap(repaired_);
}

std::size_t JsonReader::capacity_bytes() const noexcept {
  return parser_->capacity() + repaired_.capacity();
}

std::optional<std::string_view> text_of(const JsonValue& value) noexcept {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<double> number_of(const JsonValue& value) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return parse_number_text(text);
  return std::nullopt;
}

}  // namespace sluice
