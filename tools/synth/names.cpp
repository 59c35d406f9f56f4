#include "names.h"

#include <array>

#include <fmt/format.h>

namespace sluice {
namespace {

constexpr auto kFirst = std::to_array<std::string_view>(
    {"Hilltop",  "Bay",    "Summit", "Golden",  "Raven",      "Cedar",  "Foggy",     "Marsh",
     "Old Mill", "Eagle",  "Zürich", "Señal",   "Łódź",       "Północ", "São Bento", "Ridge",
     "North",    "Harbor", "Quarry", "Lookout", "Twin Peaks", "Silver", "Redwood",   "Granite"});
constexpr auto kSecond = std::to_array<std::string_view>(
    {"Repeater", "Relay", "Roof", "Cabin", "Mobile", "Shack", "Solar", "Tower", "Home", "RAK",
     "Heltec V3", "T-Deck", "Node", "Station", "Balcony", "Van"});
constexpr auto kOrnaments =
    std::to_array<std::string_view>({" 🌲", " 📡", " ⚡", " 🏔️", " 🛰", " <R&D>", " \"temp\"",
                                     " (test)", " 73", " 日本", " ☀️"});
constexpr auto kWords = std::to_array<std::string_view>(
    {"good",    "morning", "signal",   "from",    "the",     "ridge",  "anyone",
     "copy",    "test",    "repeater", "battery", "is",      "low",    "today",
     "heading", "out",     "weather",  "looks",   "great",   "can",    "you",
     "hear",    "me",      "on",       "hop",     "seven",   "thanks", "for",
     "reply",   "moving",  "antenna",  "higher",  "tonight", "net",    "at",
     "eight",   "grüße",   "aus",      "dem",     "tal",     "👋",      "📶",
     "ok",      "roger",   "que",      "tal",     "très",    "bien",   "https://example.org/map",
     "SNR",     "-7.25"});
constexpr auto kIata = std::to_array<std::string_view>(
    {"SFO", "OAK", "SJC", "MRY", "SMF", "RNO", "PDX", "SEA", "LAX", "MUC", "ZRH", "WAW"});
constexpr auto kChannels = std::to_array<std::string_view>(
    {"#test", "#chat", "#bot", "#weather", "#emergency", "#hiking", "#repeaters", "#jokes"});
constexpr auto kRegionNames = std::to_array<std::string_view>(
    {"#europe", "#usa", "#california", "#bayarea", "#bayern", "#polska"});

static_assert(kIata.size() == kIataCodes && kRegionNames.size() == kRegions);

}  // namespace

std::string make_node_name(Rng& rng, std::uint32_t number) {
  const std::string_view first = rng.pick(kFirst);
  const std::string_view second = rng.pick(kSecond);
  const bool ornate = rng.permille(120);
  const std::string_view ornament = rng.pick(kOrnaments);
  return fmt::format("{} {} {}{}", first, second, number, ornate ? ornament : "");
}

std::string make_message(Rng& rng, std::size_t max_bytes) {
  const bool long_one = rng.permille(80);
  const std::uint32_t words = 1 + rng.below(long_one ? 40 : 12);
  std::string text;
  for (std::uint32_t i = 0; i < words; ++i) {
    if (i > 0) text.push_back(' ');
    text.append(rng.pick(kWords));
  }
  return std::string(cut_utf8(text, max_bytes));
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (text[max_bytes] & 0xC0) == 0x80) --max_bytes;
  return text.substr(0, max_bytes);
}

std::string_view iata_code(std::uint32_t number) noexcept { return kIata[number % kIataCodes]; }

std::string channel_name(std::uint32_t number) {
  if (number < kChannels.size()) return std::string(kChannels[number]);
  return fmt::format("#channel-{}", number);
}

std::string_view region_name(std::uint32_t number) noexcept {
  return kRegionNames[number % kRegions];
}

}  // namespace sluice
