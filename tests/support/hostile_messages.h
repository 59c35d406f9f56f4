#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "support/messages.h"

namespace sluice::test {

/// Messages made to do harm: to parsers, to SQL, to the log, to memory. Some are well-formed and
/// make rows. Their observers' ids never begin with GOOD. The same seed gives the same messages.
class HostileMessages {
 public:
  enum class Kind : std::uint8_t {
    kDeepJson,
    kGiantNumbers,
    kLogInjection,
    kSql,
    kInvalidUtf8,
    kNulBytes,
    kLongTopic,
    kManyLevels,
    kManyKeys,
    kDuplicateKeys,
    kExtremeAdvert,
    kExtremePath,
    kExtremeStatus,
    kCutRecord,
    kRandomBytes,
    kFlippedBits,
    kCompanion,
    kPhone,
    kHugeFrame,
    kOddTimestamp,
    kOddTopic,
    kWrongTypes,
    kCount
  };

  explicit HostileMessages(std::uint32_t seed) : random_(seed) {}

  /// Of any kind.
  [[nodiscard]] Message next();
  [[nodiscard]] Message of(Kind kind);

 private:
  [[nodiscard]] std::uint32_t draw(std::uint32_t bound) { return random_() % bound; }
  [[nodiscard]] bool one_in(std::uint32_t n) { return draw(n) == 0; }
  template <typename List>
  [[nodiscard]] auto pick(const List& list) {
    return list[draw(static_cast<std::uint32_t>(std::size(list)))];
  }
  [[nodiscard]] std::string frame();
  [[nodiscard]] std::string topic(const std::string& observer = "EVIL");
  /// A record with this JSON text in every string that is stored.
  [[nodiscard]] Message with_text(const std::string& json_text);
  [[nodiscard]] Message big_json(Kind kind);
  [[nodiscard]] Message odd_topic(Kind kind);
  [[nodiscard]] Message odd_frame(Kind kind);
  [[nodiscard]] Message spoilt(Kind kind);
  [[nodiscard]] Message extreme_status();
  [[nodiscard]] Message companion();
  [[nodiscard]] Message phone();

  std::mt19937 random_;
};

}  // namespace sluice::test
