#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "packet/describe/terminal_text.h"

namespace sluice {

/// Something wrong with a packet, and the byte that shows it; the packet's size when bytes are
/// missing.
struct ByteFault {
  std::size_t offset;
  std::string what;
};

/// The bytes of a packet, piece by piece, with what each means. Long pieces are shortened in the
/// middle.
///
///     0  11         flood, ADVERT, version 0
///     1  42         2 hops of 2 bytes
///     2  7d1d 1f5d  7D1D → 1F5D
///
/// Thread: bound to its user.
class ByteTable {
 public:
  /// Pieces are views into `packet`, which tells their offsets.
  explicit ByteTable(std::span<const std::uint8_t> packet) : packet_(packet) {}

  /// Bytes are set in groups of `group`, 0 for one run. An empty piece adds nothing.
  void add(std::span<const std::uint8_t> piece, std::string meaning, std::size_t group = 0);
  /// A row that only says what is wrong at this byte.
  void add_fault(std::size_t offset, std::string what);
  /// The same, at the first byte of `piece`.
  void add_fault(std::span<const std::uint8_t> piece, std::string what);
  /// The same, where the packet ends too early.
  void add_missing(std::string what);

  /// As they were added.
  [[nodiscard]] const std::vector<ByteFault>& faults() const noexcept { return faults_; }

  /// In order of offsets.
  [[nodiscard]] std::string render(const Painter& paint) const;

 private:
  struct Row {
    std::size_t offset;
    std::string bytes;
    std::size_t width;  // of `bytes`, in columns
    std::string meaning;
    bool fault = false;
  };

  [[nodiscard]] std::size_t offset_of(std::span<const std::uint8_t> piece) const noexcept {
    return static_cast<std::size_t>(piece.data() - packet_.data());
  }

  std::span<const std::uint8_t> packet_;
  std::vector<Row> rows_;
  std::vector<ByteFault> faults_;
};

}  // namespace sluice
