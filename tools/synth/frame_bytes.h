#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "rng.h"

namespace sluice {

/// Bytes of up to one radio frame, in place.
///
/// Thread: bound(its user).
class FrameBytes {
 public:
  static constexpr std::size_t kCapacity = 255;

  void clear() noexcept { size_ = 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const std::uint8_t> view() const noexcept {
    return {bytes_.data(), size_};
  }
  [[nodiscard]] std::uint8_t& operator[](std::size_t i) noexcept {
    assert(i < size_);
    return bytes_[i];
  }

  /// Room for n more bytes, to be written by the caller.
  std::span<std::uint8_t> grow(std::size_t n) noexcept {
    assert(size_ + n <= kCapacity);
    const std::span<std::uint8_t> room(bytes_.data() + size_, n);
    size_ += n;
    return room;
  }

  void u8(unsigned value) noexcept { grow(1)[0] = static_cast<std::uint8_t>(value); }
  void u16(std::uint32_t value) noexcept {
    u8(value & 0xFF);
    u8(value >> 8 & 0xFF);
  }
  void u32(std::uint32_t value) noexcept {
    u16(value & 0xFFFF);
    u16(value >> 16);
  }
  void append(std::span<const std::uint8_t> bytes) noexcept {
    if (!bytes.empty()) std::memcpy(grow(bytes.size()).data(), bytes.data(), bytes.size());
  }
  void append(std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(grow(text.size()).data(), text.data(), text.size());
  }
  void random(std::size_t n, Rng& rng) noexcept { rng.fill(grow(n)); }

 private:
  std::array<std::uint8_t, kCapacity> bytes_;
  std::size_t size_ = 0;
};

}  // namespace sluice
