#include "app/check_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/check_paths.h"
#include "app/receivers.h"
#include "base/hex.h"
#include "base/text.h"
#include "config/channel_key_layers.h"
#include "config/topic_filter.h"

namespace sluice {
namespace {

using Findings = std::vector<Finding>;

void warn(Findings& findings, std::string subject, std::string text) {
  findings.push_back({Severity::kWarning, std::move(subject), std::move(text)});
}

void examine_unknown_keys(const LoadReport& report, Findings& findings) {
  for (const UnknownKey& key : report.unknown_keys) {
    const bool ours = key.path.starts_with("sluice.");
    if (!key.meant.empty())
      warn(findings, key.path, fmt::format("unknown; did you mean {}?", key.meant));
    else if (ours)
      warn(findings, key.path, "unknown; without effect");
  }
}

/// A note about a key of ours is a finding of its own already.
bool is_about_unknown_key(const std::string& note, const LoadReport& report) {
  return std::any_of(
      report.unknown_keys.begin(), report.unknown_keys.end(),
      [&](const UnknownKey& key) { return note.starts_with(key.path + ": this version"); });
}

void examine_settings(const Config& config, const LoadReport& report,
                      const Environment& environment, Findings& findings) {
  const Setting* buffer = find_setting(report, "ingestBufferSize");
  if (buffer != nullptr && buffer->origin == Origin::kFile) {
    warn(findings, buffer->key,
         fmt::format("without effect; a source buffers up to sluice.journal.maxBytes = {}",
                     config.sluice.journal.max_bytes));
  }
  if (environment("MQTT_TOPIC").value_or("") != "" && environment("MQTT_BROKER").value_or("") == "")
    warn(findings, "MQTT_TOPIC", "without effect as long as MQTT_BROKER is not set");
  if (const auto& filter = config.geo_filter) {
    const bool box = filter->lat_min && filter->lat_max && filter->lon_min && filter->lon_max;
    if (filter->polygon.size() < 3 && !box)
      warn(findings, "geo_filter", "neither three points nor all four bounds: everything passes");
  }
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_digit_value(c) >= 0; });
}

void examine_channel_keys(const ChannelConfig& channels, Findings& findings) {
  std::vector<std::string> notes;
  const std::vector<ChannelKeyEntry> entries = resolve_channel_keys(channels, notes);
  for (std::string& note : notes) warn(findings, "channelKeysPath", std::move(note));
  for (const ChannelKeyEntry& entry : entries) {
    const std::size_t digits = entry.key_hex.size();
    if (entry.derive_from_name || ((digits == 32 || digits == 64) && is_hex(entry.key_hex)))
      continue;
    warn(findings, fmt::format("channelKeys: {}", entry.name),
         is_hex(entry.key_hex)
             ? fmt::format("{} hex digits, where a key has 32 or 64; it never fits", digits)
             : "not a hex key; it never fits");
  }
}

std::string subject_of(const SourceConfig& source) {
  return fmt::format("{} ({})", source.place, source.tag);
}

void examine_transports(const Config& config, Findings& findings) {
  for (const SourceConfig& source : config.sources) {
    if (source.url.uses_tls() && source.reject_unauthorized == false)
      warn(findings, subject_of(source), "rejectUnauthorized is false: anyone may answer");
  }
}

bool same_broker(const BrokerUrl& a, const BrokerUrl& b) {
  return equal_ignoring_case(a.host, b.host) && a.port == b.port && a.path == b.path;
}

/// The first pair is enough: more of them say the same.
std::string overlap_of(const SourceConfig& a, const SourceConfig& b, bool same_source) {
  for (std::size_t i = 0; i < a.topics.size(); ++i) {
    for (std::size_t k = same_source ? i + 1 : 0; k < b.topics.size(); ++k) {
      if (topic_filters_overlap(a.topics[i], b.topics[k]))
        return fmt::format("{} and {}", a.topics[i], b.topics[k]);
    }
  }
  return "";
}

void examine_topics(const Config& config, Findings& findings) {
  const std::vector<SourceConfig>& sources = config.sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (const std::string own = overlap_of(sources[i], sources[i], true); !own.empty()) {
      warn(findings, subject_of(sources[i]),
           fmt::format("topics {} overlap: messages may arrive twice", own));
    }
    for (std::size_t k = i + 1; k < sources.size(); ++k) {
      if (!same_broker(sources[i].url, sources[k].url)) continue;
      const std::string shared = overlap_of(sources[i], sources[k], false);
      if (shared.empty()) continue;
      warn(findings, subject_of(sources[k]),
           fmt::format("same broker as {}, and topics {} overlap: messages arrive twice",
                       subject_of(sources[i]), shared));
    }
  }
}

}  // namespace

std::vector<Finding> examine_config(const Config& config, const LoadReport& report,
                                    const Environment& environment) {
  Findings findings;
  examine_unknown_keys(report, findings);
  for (const std::string& note : report.notes)
    if (!is_about_unknown_key(note, report)) warn(findings, "", note);
  examine_settings(config, report, environment, findings);
  examine_transports(config, findings);
  examine_topics(config, findings);
  examine_channel_keys(config.channels, findings);
  return findings;
}

}  // namespace sluice
