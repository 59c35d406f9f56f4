#include "config/channel_key_layers.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/json_file.h"
#include "config/object_reader.h"

namespace sluice {
namespace {

constexpr std::string_view kPublicName = "Public";
/// The key every MeshCore device is shipped with.
constexpr std::string_view kPublicKey = "8b3387e9c5cdea6ac9e5edbaa115cd72";

/// An ordered map: a name keeps the place it got first.
class Layers {
 public:
  [[nodiscard]] bool has(const std::string& name) const { return places_.contains(name); }

  void put(ChannelKeyEntry entry) {
    const auto [place, added] = places_.try_emplace(entry.name, entries_.size());
    if (added)
      entries_.push_back(std::move(entry));
    else
      entries_[place->second] = std::move(entry);
  }

  [[nodiscard]] std::vector<ChannelKeyEntry> take() { return std::move(entries_); }

 private:
  std::vector<ChannelKeyEntry> entries_;
  std::unordered_map<std::string, std::size_t> places_;
};

void add_rainbow(const std::filesystem::path& path, Layers& layers,
                 std::vector<std::string>& notes) {
  if (path.empty()) return;
  const JsonFile file = read_json_file(path);
  std::string problem = file.error;
  if (problem.empty() && (!file.root || file.root->is_null())) return;
  StringMap map;
  if (problem.empty()) {
    if (file.root->is_object())
      map = read_string_map({simdjson::dom::object(*file.root)});
    else
      problem = "expected an object of names and keys";
    if (map.misfit) problem = fmt::format("the key of \"{}\" is not a string", map.misfit->first);
  }
  if (!problem.empty()) {
    notes.push_back(fmt::format("channel keys {}: {}; file skipped", path.string(), problem));
    return;
  }
  for (auto& [name, key] : map.entries) layers.put({std::move(name), std::move(key), false});
}

void add_hash_channels(const ChannelConfig& channels, Layers& layers) {
  for (const std::string& written : channels.hash_channels) {
    std::string name(trim_space(written));
    if (name.empty()) continue;
    if (name.front() != '#') name.insert(0, 1, '#');
    const bool explicit_key =
        std::any_of(channels.channel_keys.begin(), channels.channel_keys.end(),
                    [&](const auto& entry) { return entry.first == name; });
    if (!explicit_key) layers.put({std::move(name), "", true});
  }
}

void add_channel_keys(const ChannelConfig& channels, Layers& layers) {
  for (const auto& [written, key] : channels.channel_keys) {
    const bool is_public = equal_ignoring_case(written, kPublicName);
    std::string name(is_public ? kPublicName : std::string_view(written));
    // Only the exact spelling may replace a key that is there already.
    if (name != written && layers.has(name)) continue;
    layers.put({std::move(name), key, false});
  }
}

}  // namespace

std::vector<ChannelKeyEntry> resolve_channel_keys(const ChannelConfig& channels,
                                                  std::vector<std::string>& notes) {
  Layers layers;
  layers.put({std::string(kPublicName), std::string(kPublicKey), false});
  add_rainbow(channels.channel_keys_path, layers, notes);
  add_hash_channels(channels, layers);
  add_channel_keys(channels, layers);
  return layers.take();
}

}  // namespace sluice
