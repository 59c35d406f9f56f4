#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice {

/// Reads little-endian fields from untrusted bytes, front to back. A read past the end yields zero
/// and latches `failed()`; it never touches memory outside the span, so a decoder may read first
/// and ask afterwards.
///
/// Thread: immutable input, bound to its user.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept { return rest_; }

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(little_endian(1)); }
  std::int8_t i8() noexcept { return static_cast<std::int8_t>(u8()); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(little_endian(2)); }
  std::int16_t i16() noexcept { return static_cast<std::int16_t>(u16()); }
  std::uint32_t u32() noexcept { return little_endian(4); }
  std::int32_t i32() noexcept { return static_cast<std::int32_t>(u32()); }

  /// The next `count` bytes, or an empty span (and `failed()`) when fewer are left.
  std::span<const std::uint8_t> bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

 private:
  std::uint32_t little_endian(std::size_t count) noexcept {
    std::uint32_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : bytes(count)) {
      value |= static_cast<std::uint32_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }

  std::span<const std::uint8_t> rest_;
  bool failed_ = false;
};

}  // namespace sluice
