#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>

#include "decode/envelope_parser.h"

namespace sluice {

/// A copy of a payload as the parser wants it: padding behind it, and in the padding what would
/// change the result if anybody took it for the payload.
class PaddedText {
 public:
  explicit PaddedText(std::string_view text, char filler = '}') : size_(text.size()) {
    bytes_ = std::make_unique_for_overwrite<char[]>(size_ + kJsonPadding);
    text.copy(bytes_.get(), size_);
    std::fill_n(bytes_.get() + size_, kJsonPadding, filler);
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// Speaks of records as the contract does. Results live as long as the fixture.
class EnvelopeFixture : public ::testing::Test {
 protected:
  static constexpr std::string_view kPackets = "meshcore/SJC/AB12/packets";
  static constexpr std::string_view kStatus = "meshcore/SJC/AB12/status";

  /// The payload is gone when this returns, as a view into it would show.
  Envelope parse(std::string_view topic, std::string_view payload) {
    return EnvelopeParser(rules_).parse(source_, topic, PaddedText(payload).view(), arena_);
  }

  PacketReport packet(std::string_view payload, std::string_view topic = kPackets) {
    const Envelope envelope = parse(topic, payload);
    const auto* report = std::get_if<PacketReport>(&envelope);
    EXPECT_NE(report, nullptr) << topic << ' ' << payload;
    return report != nullptr ? *report : PacketReport{};
  }

  /// A packet whose record has these members next to `raw`.
  PacketReport packet_with(const std::string& members) {
    return packet("{\"raw\":\"15021020\"," + members + "}");
  }

  StatusReport status(std::string_view payload, std::string_view topic = kStatus) {
    const Envelope envelope = parse(topic, payload);
    const auto* report = std::get_if<StatusReport>(&envelope);
    EXPECT_NE(report, nullptr) << topic << ' ' << payload;
    return report != nullptr ? *report : StatusReport{};
  }

  /// kNone when the record was accepted.
  RejectReason reason(std::string_view topic, std::string_view payload) {
    const Envelope envelope = parse(topic, payload);
    const auto* refused = std::get_if<RejectReason>(&envelope);
    return refused != nullptr ? *refused : RejectReason::kNone;
  }

  EnvelopeRules rules_;
  SourceRules source_;
  Arena arena_;
};

}  // namespace sluice
