#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "message_template.h"
#include "record_source.h"
#include "run_mark.h"

namespace sluice {

/// One observer that the run makes up.
struct LoadObserver {
  std::string id;      ///< its alias, as it stands in topics and in the table
  std::string region;  ///< second level of its topics
};

/// What a capture offers a load test: its usable messages, their observers under names of the run,
/// and how busy the network was.
///
/// Thread: immutable once loaded.
class TemplateSet {
 public:
  /// So many messages are enough variety, and 1.5 kB each.
  static constexpr std::size_t kMaxMessages = 50'000;

  /// Reads to the end, or until there is enough. Throws std::runtime_error when nothing is usable.
  TemplateSet(RecordSource& capture, const RunMark& mark, std::size_t max_messages = kMaxMessages);

  [[nodiscard]] const std::vector<MessageTemplate>& messages() const noexcept { return messages_; }
  [[nodiscard]] const std::vector<LoadObserver>& observers() const noexcept { return observers_; }
  /// Lines that an ingestor would refuse, or that can't be made new.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
  [[nodiscard]] std::uint32_t span_seconds() const noexcept { return span_seconds_; }
  /// Messages per second as recorded; 0 when the capture spans no time.
  [[nodiscard]] double recorded_rate() const noexcept { return recorded_rate_; }

  /// Leaves out what these observers say; `gone` is by index. Throws when nothing remains.
  void forget_observers(const std::vector<bool>& gone);

 private:
  void add(const CaptureRecord& record, const RunMark& mark);

  std::vector<MessageTemplate> messages_;
  std::vector<LoadObserver> observers_;
  std::unordered_map<std::string, std::uint32_t> index_by_topic_;  // up to the observer's level
  TemplateMaker maker_;
  std::uint64_t left_out_ = 0;
  std::uint32_t span_seconds_ = 0;
  double recorded_rate_ = 0;
};

}  // namespace sluice
