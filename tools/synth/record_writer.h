#pragma once

#include <string>

#include "base/clock.h"
#include "flood_planner.h"
#include "network_model.h"
#include "transmission.h"

namespace sluice {

/// One MQTT message of the capture, before its place in time is put on it.
struct TopicAndPayload {
  std::string topic;
  std::string payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

/// Words records the way the observers' bridges do (protocol D2, D4).
///
/// Thread: bound(its user).
class RecordWriter {
 public:
  /// The report of one copy, heard at `time`.
  void packet(const MeshObserver& observer, const Transmission& transmission,
              const PacketCopy& copy, WallTime time, TopicAndPayload& out);

  /// What an observer says of itself, `age` after the capture's start. The retained ones are what a
  /// new subscriber gets first.
  void status(const MeshObserver& observer, WallTime time, std::chrono::seconds age, bool retained,
              TopicAndPayload& out) const;

 private:
  struct Report;

  static void serial_record(const Report& report, std::string& out);
  static void firmware_record(const Report& report, std::string& out);
  static void capture_record(const Report& report, std::string& out);

  std::string frame_hex_;  ///< kept for its memory
  std::string hash_;
};

/// The whole frame as upper-case hex (protocol A).
void append_frame_hex(const Transmission& transmission, const PacketCopy& copy, std::string& out);

}  // namespace sluice
