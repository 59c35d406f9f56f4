#include "naive_tables.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sodium.h>

namespace sluice::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTimeBytes = 4;
constexpr std::size_t kSignatureBytes = 64;
constexpr unsigned kAdvert = 4;

std::vector<std::string> split(const std::string& topic) {
  std::vector<std::string> parts(1);
  for (const char letter : topic) {
    if (letter == '/') {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

/// The text between `"raw":"` and the next quote.
std::optional<std::string> raw_of(const std::string& payload) {
  const std::string key = R"("raw":")";
  const std::size_t at = payload.find(key);
  if (at == std::string::npos || payload.back() != '}') return std::nullopt;
  const std::size_t begin = at + key.size();
  return payload.substr(begin, payload.find('"', begin) - begin);
}

Bytes bytes_of(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string hex_of(const Bytes& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

/// A flood whose hops are one byte each: all that RandomTraffic makes.
struct Flood {
  unsigned type;
  std::string path;  // as JSON
  Bytes payload;
};

std::optional<Flood> flood_of(const Bytes& frame) {
  if (frame.size() < 2 || frame.size() < 2U + frame[1]) return std::nullopt;
  Flood flood{.type = (frame[0] >> 2U) & 0xFU, .path = "[", .payload = {}};
  for (std::size_t i = 0; i < frame[1]; ++i)
    flood.path += fmt::format("{}\"{:02X}\"", i == 0 ? "" : ",", frame[2 + i]);
  flood.path += ']';
  flood.payload.assign(frame.begin() + 2 + frame[1], frame.end());
  return flood;
}

std::string hash_of(const Flood& flood) {
  Bytes text{static_cast<std::uint8_t>(flood.type)};
  text.insert(text.end(), flood.payload.begin(), flood.payload.end());
  Bytes digest(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), text.data(), text.size());
  digest.resize(8);
  return hex_of(digest);
}

bool is_well_signed(const Bytes& advert) {
  Bytes signed_text(advert.begin(), advert.begin() + kKeyBytes + kTimeBytes);
  signed_text.insert(signed_text.end(), advert.begin() + kKeyBytes + kTimeBytes + kSignatureBytes,
                     advert.end());
  return crypto_sign_verify_detached(advert.data() + kKeyBytes + kTimeBytes, signed_text.data(),
                                     signed_text.size(), advert.data()) == 0;
}

std::string time_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

void expect_same(const std::vector<std::string>& got, std::vector<std::string> expected,
                 const char* what) {
  std::sort(expected.begin(), expected.end());
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
    ASSERT_EQ(got[i], expected[i]) << what << " " << i;
  ASSERT_EQ(got.size(), expected.size()) << what;
}

}  // namespace

void NaiveTables::add(const Message& message, WallTime received) {
  const std::vector<std::string> parts = split(message.topic);
  const std::string observer = parts.size() >= 3 ? parts[2] : "";
  const std::int64_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(received.time_since_epoch()).count();
  if (parts.size() >= 4 && parts[1] == "client") return;
  if (parts.size() >= 4 && parts[3] == "status") {
    if (!message.retained) ++contacts_[observer];
    return;
  }
  if (const auto raw = raw_of(message.payload)) add_packet(*raw, observer, seconds);
}

void NaiveTables::add_packet(const std::string& raw, const std::string& observer,
                             std::int64_t seconds) {
  const std::optional<Flood> flood = flood_of(bytes_of(raw));
  if (!flood) return;
  const std::string hash = hash_of(*flood);
  if (flood->type == kAdvert) {
    if (!is_well_signed(flood->payload)) return;
    const Bytes key(flood->payload.begin(), flood->payload.begin() + kKeyBytes);
    adverts_[hex_of(key)].insert(hash);
  }
  if (!observer.empty()) ++contacts_[observer];
  const auto [place, fresh] = transmissions_.try_emplace(hash, Transmission{seconds, seconds});
  place->second.first_seen = std::min(place->second.first_seen, seconds);
  place->second.last_seen = std::max(place->second.last_seen, seconds);
  std::int64_t& rows = observations_[{hash, observer, flood->path}];
  rows = observer.empty() ? rows + 1 : 1;
}

void NaiveTables::expect_in(const OtherConnection& database) const {
  std::vector<std::string> lines;
  for (const auto& [hash, times] : transmissions_)
    lines.push_back(fmt::format("{}|{}|{}", hash, time_text(times.first_seen), times.last_seen));
  // What a companion brings has no frame; those rows are the other model's.
  expect_same(database.rows("SELECT hash || '|' || first_seen || '|' || last_seen AS line"
                            " FROM transmissions WHERE raw_hex <> '' ORDER BY line"),
              lines, "transmission");
  lines.clear();
  for (const auto& [key, count] : observations_)
    lines.push_back(
        fmt::format("{}|{}|{}|{}", std::get<0>(key), std::get<1>(key), std::get<2>(key), count));
  expect_same(
      database.rows(
          "SELECT t.hash || '|' || COALESCE(o.id, '') || '|' || x.path_json || '|' || count(*)"
          " AS line FROM observations x JOIN transmissions t ON t.id = x.transmission_id"
          " LEFT JOIN observers o ON o.rowid = x.observer_idx WHERE t.raw_hex <> ''"
          " GROUP BY t.hash, o.id, x.path_json ORDER BY line"),
      lines, "observation");
  lines.clear();
  for (const auto& [observer, count] : contacts_)
    lines.push_back(fmt::format("{}|{}", observer, count));
  expect_same(
      database.rows("SELECT id || '|' || packet_count AS line FROM observers ORDER BY line"), lines,
      "observer");
  lines.clear();
  for (const auto& [key, hashes] : adverts_)
    lines.push_back(fmt::format("{}|{}", key, hashes.size()));
  expect_same(
      database.rows("SELECT public_key || '|' || advert_count AS line FROM nodes ORDER BY line"),
      lines, "node");
}

}  // namespace sluice::test
