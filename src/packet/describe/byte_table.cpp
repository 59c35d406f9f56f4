#include "packet/describe/byte_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hex.h"

namespace sluice {
namespace {

constexpr std::size_t kMostShown = 12;  // bytes of a piece; longer ones lose their middle
constexpr std::size_t kShownHead = 8;
constexpr std::size_t kShownTail = 3;

std::string grouped_hex(std::span<const std::uint8_t> bytes, std::size_t group) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (group > 0 && i > 0 && i % group == 0) text += ' ';
    text += to_lower_hex(bytes.subspan(i, 1));
  }
  return text;
}

}  // namespace

void ByteTable::add(std::span<const std::uint8_t> piece, std::string meaning, std::size_t group) {
  if (piece.empty()) return;
  std::string hex;
  std::size_t width = 0;
  if (piece.size() > kMostShown) {
    const std::string head = to_lower_hex(piece.first(kShownHead));
    const std::string tail = to_lower_hex(piece.last(kShownTail));
    hex = fmt::format("{}…{}", head, tail);
    width = head.size() + 1 + tail.size();
    meaning += fmt::format(" ({} bytes)", piece.size());
  } else {
    hex = grouped_hex(piece, group);
    width = hex.size();
  }
  rows_.push_back({offset_of(piece), std::move(hex), width, std::move(meaning)});
}

void ByteTable::add_fault(std::size_t offset, std::string what) {
  faults_.push_back({offset, what});
  rows_.push_back({offset, "", 0, std::move(what), true});
}

void ByteTable::add_fault(std::span<const std::uint8_t> piece, std::string what) {
  add_fault(offset_of(piece), std::move(what));
}

void ByteTable::add_missing(std::string what) {
  add_fault(packet_.size(), "here it ends, " + std::move(what));
}

std::string ByteTable::render(const Painter& paint) const {
  std::vector<Row> rows = rows_;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.offset < b.offset; });
  std::size_t widest = 0;
  for (const Row& row : rows) widest = std::max(widest, row.width);
  std::string out;
  for (const Row& row : rows) {
    out += paint(Tone::kFaint, fmt::format("{:>5}", row.offset));
    out += "  ";
    out += paint(Tone::kBytes, row.bytes);
    out.append(widest - row.width + 2, ' ');
    out += paint(row.fault ? Tone::kBad : Tone::kPlain, row.meaning);
    out += '\n';
  }
  return out;
}

}  // namespace sluice
