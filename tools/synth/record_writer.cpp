#include "record_writer.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/hex.h"
#include "json_text.h"
#include "record_time.h"

namespace sluice {
namespace {

void append_hex(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  encode_hex(bytes, kUpperHexDigits, out.data() + before);
}

/// Quarters of a dB as the shortest decimal: 9.25, -0.5, 7.
std::string quarter_text(std::int32_t quarters) {
  static constexpr std::string_view kFractions[] = {"", ".25", ".5", ".75"};
  const auto magnitude = static_cast<unsigned>(std::abs(quarters));
  return fmt::format("{}{}{}", quarters < 0 ? "-" : "", magnitude / 4, kFractions[magnitude % 4]);
}

/// The same with one decimal, rounded away from zero.
std::string tenth_text(std::int32_t quarters) {
  const auto tenths = (static_cast<unsigned>(std::abs(quarters)) * 10 + 2) / 4;
  return fmt::format("{}{}.{}", quarters < 0 ? "-" : "", tenths / 10, tenths % 10);
}

std::string_view route_letter(const Transmission& transmission, BridgeKind bridge) {
  if (transmission.flooded()) return "F";
  return transmission.has_codes() && bridge == BridgeKind::kCapture ? "T" : "D";
}

std::string topic_of(const MeshObserver& observer, std::string_view last) {
  std::string topic("meshcore/");
  topic.append(observer.iata).append("/").append(observer.id).append("/").append(last);
  return topic;
}

}  // namespace

void append_frame_hex(const Transmission& transmission, const PacketCopy& copy, std::string& out) {
  const unsigned header =
      static_cast<unsigned>(transmission.type) << 2 | static_cast<unsigned>(transmission.route);
  const std::uint8_t head = static_cast<std::uint8_t>(header);
  append_hex({&head, 1}, out);
  if (transmission.has_codes()) append_hex(transmission.transport_codes, out);
  append_hex({&copy.path_byte, 1}, out);
  append_hex(copy.path_view(), out);
  out.append(transmission.payload_hex);
}

struct RecordWriter::Report {
  const MeshObserver& observer;
  const Transmission& transmission;
  const PacketCopy& copy;
  RecordTime time;
  std::string_view raw;
  std::string_view hash;

  [[nodiscard]] std::string_view direction() const { return copy.sent ? "tx" : "rx"; }
  [[nodiscard]] std::size_t frame_bytes() const { return raw.size() / 2; }
  [[nodiscard]] unsigned type() const { return static_cast<unsigned>(transmission.type); }
  /// Air time in ms, roughly.
  [[nodiscard]] std::size_t duration() const { return 90 + frame_bytes() * 5; }
  /// "destination <- source" as some bridges add it to direct packets; never the hops.
  [[nodiscard]] std::string ends() const {
    return fmt::format("{} -> {}", transmission.payload_hex.substr(2, 2),
                       transmission.payload_hex.substr(0, 2));
  }
  [[nodiscard]] bool has_ends() const {
    return !transmission.flooded() && transmission.payload_hex.size() >= 4;
  }
};

void RecordWriter::packet(const MeshObserver& observer, const Transmission& transmission,
                          const PacketCopy& copy, WallTime time, TopicAndPayload& out) {
  frame_hex_.clear();
  append_frame_hex(transmission, copy, frame_hex_);
  std::string_view hash = transmission.hash_text;
  if (transmission.type == PayloadType::kTrace) {
    hash_ = to_upper_hex(packet_hash(9, copy.path_byte, transmission.payload.view()));
    hash = hash_;
  }
  const WallTime own_time = time + std::chrono::seconds(observer.clock_error_s);
  const Report report{observer, transmission, copy, RecordTime(own_time), frame_hex_, hash};
  out.topic = topic_of(observer, "packets");
  out.payload.clear();
  out.qos = 0;
  out.retain = false;
  switch (observer.bridge) {
    case BridgeKind::kSerial:
      return serial_record(report, out.payload);
    case BridgeKind::kFirmware:
      return firmware_record(report, out.payload);
    case BridgeKind::kCapture:
      return capture_record(report, out.payload);
  }
}

void RecordWriter::serial_record(const Report& report, std::string& out) {
  JsonObjectText json(out, true);
  json.text("origin", report.observer.name);
  json.text("origin_id", report.observer.id);
  json.text("timestamp", report.time.aware());
  json.text("type", "PACKET");
  json.text("direction", report.direction());
  json.text("time", report.time.clock());
  json.text("date", report.time.date());
  json.number_text("len", report.frame_bytes());
  json.number_text("packet_type", report.type());
  json.text("route", route_letter(report.transmission, BridgeKind::kSerial));
  json.number_text("payload_len", report.transmission.payload.size());
  json.text("raw", report.raw);
  if (!report.copy.sent) {
    json.number_text("SNR", report.copy.snr_q4 / 4);
    json.number_text("RSSI", report.copy.rssi_dbm);
    json.number_text("score", report.copy.score);
    json.number_text("duration", report.duration());
  }
  json.text("hash", report.hash);
  if (report.has_ends()) json.text("path", report.ends());
  json.close();
}

void RecordWriter::firmware_record(const Report& report, std::string& out) {
  JsonObjectText json(out, false);
  json.text("timestamp", report.time.naive());
  json.text("hash", report.hash);
  json.text("origin", report.observer.name);
  json.text("type", "PACKET");
  json.text("direction", report.direction());
  json.text("time", report.time.clock());
  json.text("date", report.time.date_padded());
  json.number_text("len", report.frame_bytes());
  json.number_text("packet_type", report.type());
  json.text("route", route_letter(report.transmission, BridgeKind::kFirmware));
  json.number_text("payload_len", report.transmission.payload.size());
  json.text("raw", report.raw);
  json.text("origin_id", report.observer.id);
  if (!report.copy.sent) {
    json.text("SNR", tenth_text(report.copy.snr_q4));
    json.number_text("RSSI", report.copy.rssi_dbm);
  }
  if (report.has_ends()) json.text("path", report.ends());
  json.close();
}

void RecordWriter::capture_record(const Report& report, std::string& out) {
  JsonObjectText json(out, true);
  json.text("origin", report.observer.name);
  json.text("origin_id", report.observer.id);
  json.text("timestamp", report.time.aware());
  json.text("type", "PACKET");
  json.text("direction", report.direction());
  json.text("time", report.time.clock());
  json.text("date", report.time.date_padded());
  json.number_text("len", report.frame_bytes());
  json.number_text("packet_type", report.type());
  json.text("route", route_letter(report.transmission, BridgeKind::kCapture));
  json.number_text("payload_len", report.transmission.payload.size());
  json.text("raw", report.raw);
  if (!report.copy.sent) {
    json.raw("SNR", quarter_text(report.copy.snr_q4));
    json.number("RSSI", report.copy.rssi_dbm);
    json.number("score", report.copy.score);
  }
  json.text("hash", report.hash);
  json.close();
}

void RecordWriter::status(const MeshObserver& observer, WallTime time, std::chrono::seconds age,
                          bool retained, TopicAndPayload& out) const {
  const RecordTime stamp(time + std::chrono::seconds(observer.clock_error_s));
  const bool firmware = observer.bridge == BridgeKind::kFirmware;
  const auto uptime =
      static_cast<std::uint64_t>(observer.uptime_s) + static_cast<std::uint64_t>(age.count());
  out.topic = topic_of(observer, "status");
  out.payload.clear();
  out.qos = firmware ? 1 : 0;
  out.retain = retained;
  JsonObjectText json(out.payload, !firmware);
  json.text("status", "online");
  json.text("timestamp", firmware ? stamp.naive() : stamp.aware());
  json.text("origin", observer.name);
  json.text("origin_id", observer.id);
  json.text("model", observer.model);
  json.text("firmware_version", observer.firmware);
  json.text("radio", observer.radio);
  json.text("client_version", firmware ? "mqtt-bridge/1.4" : "meshcoretomqtt/1.1");
  if (observer.bridge != BridgeKind::kCapture) json.text("repeat", observer.repeats ? "on" : "off");
  JsonObjectText stats = json.object("stats");
  stats.number("battery_mv", 3500 + uptime % 700);
  stats.number("uptime_secs", uptime);
  stats.number("queue_len", 0);
  stats.number("noise_floor", observer.noise_floor_dbm + static_cast<std::int32_t>(uptime % 3));
  stats.number("tx_air_secs", uptime / 200);
  stats.number("rx_air_secs", uptime / 25);
  stats.number("recv_errors", observer.heard / 500);
  if (observer.bridge == BridgeKind::kCapture) stats.number("packets_recv", observer.heard);
  stats.close();
  json.close();
}

}  // namespace sluice
