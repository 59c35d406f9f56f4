#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_collapse.h"
#include "base/log_throttle.h"
#include "model/batch.h"

namespace sluice {

/// The lines that operators look for when they ask what became of a message (contract 7.5). Written
/// here, because here messages are in order and judged, and neither the receive thread nor the
/// writer has to wait for the formatting. What comes from the mesh is made printable.
///
/// Of each kind there are at most kLinesPerSecond; the rest is counted in a line of its own. Of
/// what is wrong with a message, the same line is written a few times (as often as many observers
/// hear the same advert) and then counted.
///
/// Thread: bound(dedup).
class EventLog {
 public:
  static constexpr std::uint32_t kLinesPerSecond = 50;
  static constexpr LogCollapseRule kSameComplaint{.lines = 10, .within = std::chrono::seconds(10)};

  /// `tags` name the sources, by index.
  EventLog(std::vector<std::string> tags, const Clock& clock);

  /// For a batch that dedup is done with.
  void note(const Batch& batch);

  /// Tells what was left out in seconds that are over.
  void tell_suppressed() { tell_suppressed(clock_.mono()); }
  /// Tells the rest.
  void finish();
  [[nodiscard]] MonoTime next_deadline() const noexcept;

 private:
  enum class Kind : std::uint8_t {
    kStatus,
    kCompanionText,
    kBlacklisted,
    kDecodeError,
    kCorruptedAdvert,
    kBadSignature,
    kForeignAdvert,
    kTimestamp,
    kPhonesKey,
    kCount
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kCount);

  [[nodiscard]] bool admit(Kind kind);
  void complain(Kind kind, const std::string& line);
  void tell_suppressed(MonoTime now);
  void note_rejected(std::string_view tag, const Batch& batch, const Entry& entry);
  void note_status(std::string_view tag, const StatusReport& status);
  void note_packet(std::string_view tag, const Packet& packet);
  void note_clock(std::string_view tag, ClockFault fault, std::string_view timestamp);
  void note_text(std::string_view tag, const Packet& packet);

  const std::vector<std::string> tags_;
  const Clock& clock_;
  MonoTime now_{};  // of the batch
  std::array<LogThrottle, kKinds> throttles_;
  std::array<LogCollapse, kKinds> complaints_;  // of those kinds that are complaints
};

}  // namespace sluice
