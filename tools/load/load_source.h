#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "packet_rewriter.h"
#include "published_log.h"
#include "record_source.h"
#include "template_set.h"

namespace sluice {

/// The messages of one step: the templates over and over, each round new, with a note of when each
/// was handed over.
///
/// Thread: bound(the publisher's); published() any; between steps bound(its owner's).
class LoadSource final : public RecordSource {
 public:
  using Clock = std::chrono::steady_clock;

  /// Keeps a reference to `templates`.
  LoadSource(const TemplateSet& templates, const RunMark& mark);

  /// The next messages are those of a new step, in a round of their own; times count from `start`.
  void begin_step(std::uint64_t messages, Clock::time_point start);

  [[nodiscard]] bool next(CaptureRecord& record) override;
  void note_given() override;
  [[nodiscard]] std::uint64_t records() const noexcept override { return taken_; }

  [[nodiscard]] std::uint64_t published() const noexcept {
    return published_.load(std::memory_order_relaxed);  // a number to show; partner: note_given()
  }
  [[nodiscard]] const std::vector<Published>& log() const noexcept { return log_; }
  [[nodiscard]] PacketRewriter& rewriter() noexcept { return rewriter_; }

 private:
  void refresh_time_text();

  const TemplateSet& templates_;
  PacketRewriter rewriter_;
  std::vector<Published> log_;
  std::atomic<std::uint64_t> published_{0};
  Clock::time_point start_;
  std::uint64_t wanted_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t position_ = 0;
  std::uint32_t round_ = 0;
  std::string payload_;
  std::string time_text_;
  Clock::time_point time_text_until_;
  Published current_;
};

}  // namespace sluice
