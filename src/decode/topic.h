#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sluice {

/// An MQTT topic cut at its slashes: nothing is trimmed and empty levels count (contract 2,
/// `parts`). No rule looks behind the fourth level.
///
/// Thread: immutable.
class Topic {
 public:
  explicit Topic(std::string_view text) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::size_t levels() const noexcept { return levels_; }
  [[nodiscard]] bool has_region() const noexcept { return levels_ >= 2; }
  [[nodiscard]] bool has_observer() const noexcept { return levels_ >= 3; }
  /// Second level; '' when there is none.
  [[nodiscard]] std::string_view region() const noexcept { return level_[1]; }
  /// Third level; '' when there is none.
  [[nodiscard]] std::string_view observer() const noexcept { return level_[2]; }

  /// Fourth level; '' when there is none.
  [[nodiscard]] std::string_view fourth() const noexcept { return level_[3]; }

  /// `*/client/*/packets…`: what a phone heard (contract 3.3, 3).
  [[nodiscard]] bool is_client_reception() const noexcept;
  /// Anything below `meshcore/client/`, whatever it carries (deviation D9).
  [[nodiscard]] bool is_below_client() const noexcept;
  /// The companion bridge's own state (contract 3.3, 4).
  [[nodiscard]] bool is_bridge_state() const noexcept;
  /// `*/*/*/status…` (contract 3.3, 7).
  [[nodiscard]] bool is_status() const noexcept;
  /// A text that the companion bridge received (contract 3.3, 10).
  [[nodiscard]] bool is_companion_channel_text() const noexcept;
  [[nodiscard]] bool is_companion_direct_text() const noexcept;
  [[nodiscard]] bool is_companion_text() const noexcept {
    return is_companion_channel_text() || is_companion_direct_text();
  }

 private:
  std::string_view text_;
  std::array<std::string_view, 4> level_{};
  std::size_t levels_ = 0;
};

}  // namespace sluice
