#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "support/frames.h"
#include "support/messages.h"

namespace sluice::test {

struct TrafficSpec {
  std::uint32_t seed = 1;
  std::uint32_t transmissions = 12;  ///< different text messages on the air
  int observers = 3;
};

/// A small network that repeats itself a lot, with everything that an observer may send: copies
/// over other paths and with other readings, adverts of few nodes with changing names, forged ones,
/// statuses live and retained with any of their members, records without an observer, clocks
/// without a zone, texts of companions, receptions of phones, rubbish. The same seed gives the same
/// messages.
class RandomTraffic {
 public:
  explicit RandomTraffic(const TrafficSpec& spec) : spec_(spec), random_(spec.seed) {}

  [[nodiscard]] Message next();
  /// Uniform in [0, bound).
  [[nodiscard]] std::uint32_t draw(std::uint32_t bound) { return random_() % bound; }

 private:
  [[nodiscard]] bool one_in(std::uint32_t n) { return draw(n) == 0; }
  [[nodiscard]] std::string observer();
  [[nodiscard]] std::string region();
  [[nodiscard]] Bytes path();
  [[nodiscard]] std::string advert();
  [[nodiscard]] Message packet();
  [[nodiscard]] Message status();
  [[nodiscard]] Message companion();
  [[nodiscard]] Message phone();
  [[nodiscard]] Message rubbish();

  const TrafficSpec spec_;
  std::mt19937 random_;
};

}  // namespace sluice::test
