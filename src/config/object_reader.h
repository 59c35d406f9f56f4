#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "config/environment.h"
#include "config/load.h"

namespace sluice {

/// What reading one file needs everywhere. The references outlive the reading.
struct LoadContext {
  /// For messages.
  std::string file;
  const Environment& environment;
  LoadReport& report;

  /// An object of the file that is being read, all that stand under its key, and the keys that were
  /// asked for.
  struct ReadObject {
    std::string path;
    std::vector<simdjson::dom::object> objects;
    std::vector<std::string> asked;
  };
  std::vector<ReadObject> objects{};

  /// A variable that is set to nothing counts as not set (contract 1.1).
  [[nodiscard]] std::optional<std::string> variable(const std::string& name) const;
  void note(std::string line) { report.notes.push_back(std::move(line)); }
  [[noreturn]] void fail(std::string_view key, std::string_view problem) const;
};

/// Fills the report's unknown_keys; call it when everything has been read. The file's objects must
/// still be there.
void report_unknown_keys(LoadContext& context);

/// The strings of an object. `misfit` is the first member that is no string; the entries then end
/// before it. The element is valid as long as its parser.
struct StringMap {
  std::vector<std::pair<std::string, std::string>> entries;
  std::optional<std::pair<std::string, simdjson::dom::element>> misfit;
};

/// Names are data, so they are compared exactly: of several equal ones the first gives the place
/// and the last the value, also across several objects. A null member counts as absent.
[[nodiscard]] StringMap read_string_map(const std::vector<simdjson::dom::object>& objects);

/// A value in the words of a message: "a list", "the number 5". `discreetly` keeps a number to
/// itself.
[[nodiscard]] std::string describe(const simdjson::dom::element& element, bool discreetly = false);

/// From the number as written to the number in effect.
using IntegerRule = std::function<std::int64_t(std::int64_t)>;

/// One JSON object of the file and the path it stands at. Every key that the program knows passes
/// through one of the functions below, once, whether the file has it or not: here it is looked up,
/// its type is checked, and its value and origin go into the report. A function that is given the
/// wrong type throws ConfigError.
///
/// Keys match without regard to case, an exact match first; of several equal ones the last counts,
/// and each must have the right type; null is the same as absent (contract 1.2). Objects under
/// equal keys are read as if they were one, so that in them, too, the last of each key counts.
///
/// Thread: bound to the thread that loads.
class ObjectReader {
 public:
  /// Without an object every key is absent.
  ObjectReader(LoadContext& context, std::string path,
               std::vector<simdjson::dom::object> objects = {});

  /// An integer in the strict sense: 30.0 is none. `rule` is applied to what the file says only.
  /// More than `most` counts as `most`, with a note.
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t most,
                       const IntegerRule& rule);
  /// As above, with the commonest rule: zero or less is the fallback.
  std::int64_t positive(std::string_view key, std::int64_t fallback, std::int64_t most);
  /// For our own keys, which no other program shares: outside the range is an error.
  std::int64_t in_range(std::string_view key, std::int64_t fallback, std::int64_t least,
                        std::int64_t most);

  std::optional<std::int64_t> in_range_if_set(std::string_view key, std::int64_t least,
                                              std::int64_t most);

  bool boolean(std::string_view key, bool fallback);
  std::optional<bool> boolean_if_set(std::string_view key);
  std::optional<double> number_if_set(std::string_view key);

  /// A non-empty environment variable, if one is named, goes before the file.
  std::string string(std::string_view key, std::string_view fallback = "",
                     std::string_view variable = "");
  /// A text as it is, or a list of integers as if they had been written with commas between them.
  /// `expected` is for the message that it is neither.
  std::string text_or_integers(std::string_view key, std::string_view expected);
  /// The report shows whether there is one, not what it is; nor does an error: a password without
  /// its quotes is a number.
  std::string secret(std::string_view key);
  /// The report shows it with its user-info masked.
  std::string url(std::string_view key);
  std::vector<std::string> strings(std::string_view key);
  /// See read_string_map(). The report shows how many there are, and an error names no value.
  std::vector<std::pair<std::string, std::string>> string_map(std::string_view key);
  /// Lists of numbers: of each the first two, missing ones 0.
  std::vector<std::pair<double, double>> number_pairs(std::string_view key);

  /// A reader without an object if the key is absent. Objects are containers: they are not in the
  /// report themselves.
  ObjectReader object(std::string_view key);
  std::vector<ObjectReader> objects(std::string_view key);

  [[nodiscard]] bool present() const noexcept { return !objects_.empty(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;
  /// Keys of this object that no call has asked for and that are no comments. For our own objects,
  /// where such a key is a typing error or belongs to another version.
  [[nodiscard]] std::vector<std::string> unknown_keys() const;

 private:
  using Element = simdjson::dom::element;

  /// Everything that stands under the key, but null; the last one counts.
  std::vector<Element> find_all(std::string_view key);
  /// That last one. All of them must be what `fits` says.
  std::optional<Element> find(std::string_view key, std::string_view expected,
                              bool (*fits)(const Element&));
  std::optional<std::int64_t> find_integer(std::string_view key);
  std::optional<bool> find_boolean(std::string_view key);
  std::optional<std::string> find_string(std::string_view key);
  std::vector<simdjson::dom::object> find_objects(std::string_view key, std::string_view expected);
  std::vector<simdjson::dom::array> find_arrays(std::string_view key, std::string_view expected);
  std::pair<double, double> number_pair(const Element& element, const std::string& path) const;
  void record(std::string_view key, std::string value, bool in_file);
  [[noreturn]] void mismatch(const std::string& path, std::string_view expected,
                             const Element& found) const;

  LoadContext* context_;
  std::string path_;
  std::vector<simdjson::dom::object> objects_;
  std::size_t place_ = 0;  // among the context's objects, if there is one
  bool secret_ = false;    // what is read now may not be repeated
};

}  // namespace sluice
