#include "packet/describe/flat_json.h"

#include <charconv>

#include "base/utf8.h"

namespace sluice {
namespace {

// Where a value ends that begins at `start`: at the comma or brace of the outer object.
std::size_t end_of_value(std::string_view json, std::size_t start) noexcept {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = start; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth > 0 && (c == '}' || c == ']')) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == '}')) {
      return i;
    }
  }
  return json.size();
}

char short_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string FlatField::text() const {
  if (!value.starts_with('"')) return std::string(value);
  const std::string_view body = value.substr(1, value.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    ++i;
    if (body[i] != 'u') {
      out += short_escape(body[i]);
      continue;
    }
    unsigned code = 0;
    std::from_chars(body.data() + i + 1, body.data() + i + 5, code, 16);
    append_utf8(out, code);
    i += 4;
  }
  return out;
}

std::vector<FlatField> flat_fields(std::string_view json) {
  std::vector<FlatField> fields;
  std::size_t at = 1;
  while (at < json.size() && json[at] == '"') {
    const std::size_t key_end = json.find('"', at + 1);
    const std::size_t value = key_end + 2;
    const std::size_t end = end_of_value(json, value);
    fields.push_back({json.substr(at + 1, key_end - at - 1), json.substr(value, end - value)});
    at = end + 1;
  }
  return fields;
}

std::string flat_text(std::string_view json, std::string_view key) {
  for (const FlatField& field : flat_fields(json))
    if (field.key == key) return field.text();
  return {};
}

}  // namespace sluice
