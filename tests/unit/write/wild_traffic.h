#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "support/messages.h"

namespace sluice::test {

/// Messages of a small network in all the forms that the contract knows: each route, hash size and
/// version, scoped and not, sensors' telemetry, adverts that move, that are forged or corrupted,
/// numbers as text and under their other names, wrong types, statuses live and retained,
/// companions, rubbish. Everything comes again and again. The same seed gives the same messages.
class WildTraffic {
 public:
  explicit WildTraffic(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] Message next();
  /// Uniform in [0, bound).
  [[nodiscard]] std::uint32_t draw(std::uint32_t bound) { return random_() % bound; }

  [[nodiscard]] static const std::vector<std::string>& regions();
  /// The public key of a node that advertises; 0 to 3.
  [[nodiscard]] static std::string node_key(std::uint8_t node);

 private:
  using Bytes = std::vector<std::uint8_t>;

  [[nodiscard]] bool one_in(std::uint32_t n) { return draw(n) == 0; }
  [[nodiscard]] std::string one_of(std::initializer_list<const char*> texts);
  [[nodiscard]] Bytes advert_payload();
  [[nodiscard]] Bytes advert_data();
  [[nodiscard]] Bytes payload(int type);
  [[nodiscard]] std::string frame();
  [[nodiscard]] Message packet();
  [[nodiscard]] Message status();
  [[nodiscard]] Message companion();
  [[nodiscard]] Message rubbish();

  std::mt19937 random_;
};

}  // namespace sluice::test
