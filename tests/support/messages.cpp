#include "support/messages.h"

#include <iterator>

#include <fmt/format.h>

#include "support/frames.h"

namespace sluice::test {
namespace {

std::string packet_topic(const PacketSpec& spec) {
  if (spec.observer.empty()) return "elsewhere";
  return fmt::format("meshcore/{}/{}/packets", spec.region, spec.observer);
}

}  // namespace

Message packet_message(const PacketSpec& spec) {
  std::string json = fmt::format(R"({{"raw":"{}")", spec.raw);
  auto out = std::back_inserter(json);
  if (!spec.origin.empty()) fmt::format_to(out, R"(,"origin":"{}")", spec.origin);
  if (spec.snr) fmt::format_to(out, R"(,"SNR":{})", *spec.snr);
  if (spec.rssi) fmt::format_to(out, R"(,"RSSI":"{}")", *spec.rssi);
  if (spec.score) fmt::format_to(out, R"(,"score":{})", *spec.score);
  if (spec.direction) fmt::format_to(out, R"(,"direction":"{}")", *spec.direction);
  if (spec.timestamp) fmt::format_to(out, R"(,"timestamp":"{}")", *spec.timestamp);
  if (spec.region_override) fmt::format_to(out, R"(,"region":"{}")", *spec.region_override);
  json += '}';
  return {.topic = packet_topic(spec), .payload = std::move(json)};
}

Message text_message(std::uint32_t n, std::string_view observer) {
  PacketSpec spec;
  spec.raw = text_hex(n);
  spec.observer = observer;
  return packet_message(spec);
}

Message status_message(std::string_view observer, std::string_view members, bool retained,
                       std::string_view region) {
  return {.topic = fmt::format("meshcore/{}/{}/status", region, observer),
          .payload = fmt::format("{{{}}}", members),
          .retained = retained};
}

}  // namespace sluice::test
