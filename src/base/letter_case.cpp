#include "base/letter_case.h"

#include <cstdint>

namespace sluice {
namespace {

/// Capitals from `first` to `last`, each with its small letter so far behind it. With `step` 2
/// capitals and small letters take turns.
struct Capitals {
  char32_t first;
  char32_t last;
  std::int32_t to_small;
  std::uint8_t step;
};

constexpr Capitals kCapitals[] = {
    {U'A', U'Z', 32, 1},
    {0x00C0, 0x00D6, 32, 1},  // Latin-1
    {0x00D8, 0x00DE, 32, 1},
    {0x0100, 0x012E, 1, 2},  // Latin Extended-A
    {0x0132, 0x0136, 1, 2},
    {0x0139, 0x0147, 1, 2},
    {0x014A, 0x0176, 1, 2},
    {0x0178, 0x0178, -121, 1},
    {0x0179, 0x017D, 1, 2},
    {0x01A0, 0x01A4, 1, 2},  // of Latin Extended-B what languages of Europe and Asia use
    {0x01AF, 0x01AF, 1, 1},
    {0x01CD, 0x01DB, 1, 2},
    {0x01DE, 0x01EE, 1, 2},
    {0x01F8, 0x021E, 1, 2},
    {0x0222, 0x0232, 1, 2},
    {0x0370, 0x0372, 1, 2},  // Greek
    {0x0376, 0x0376, 1, 1},
    {0x0386, 0x0386, 38, 1},
    {0x0388, 0x038A, 37, 1},
    {0x038C, 0x038C, 64, 1},
    {0x038E, 0x038F, 63, 1},
    {0x0391, 0x03A1, 32, 1},
    {0x03A3, 0x03AB, 32, 1},
    {0x0400, 0x040F, 80, 1},  // Cyrillic
    {0x0410, 0x042F, 32, 1},
    {0x0460, 0x0480, 1, 2},
    {0x048A, 0x04BE, 1, 2},
    {0x04C0, 0x04C0, 15, 1},
    {0x04C1, 0x04CD, 1, 2},
    {0x04D0, 0x052E, 1, 2},
    {0x0531, 0x0556, 48, 1},  // Armenian
    {0x1E00, 0x1E94, 1, 2},   // Latin Extended Additional
    {0x1EA0, 0x1EFE, 1, 2},
};

struct Single {
  char32_t from;
  char32_t to;
};

/// Letters that have no way back: the other form of what they become is another letter.
constexpr Single kOnlyDown[] = {
    {0x0130, U'i'}, {0x1E9E, 0x00DF}, {0x2126, 0x03C9}, {0x212A, U'k'}, {0x212B, 0x00E5}};
constexpr Single kOnlyUp[] = {
    {0x00B5, 0x039C}, {0x0131, U'I'}, {0x017F, U'S'}, {0x03C2, 0x03A3}, {0x1E9B, 0x1E60}};

char32_t moved(char32_t letter, std::int32_t by) noexcept {
  return static_cast<char32_t>(static_cast<std::int32_t>(letter) + by);
}

}  // namespace

char32_t lower_letter(char32_t letter) noexcept {
  for (const Capitals& capitals : kCapitals) {
    if (letter < capitals.first || letter > capitals.last) continue;
    return (letter - capitals.first) % capitals.step == 0 ? moved(letter, capitals.to_small)
                                                          : letter;
  }
  for (const Single& single : kOnlyDown)
    if (single.from == letter) return single.to;
  return letter;
}

char32_t upper_letter(char32_t letter) noexcept {
  for (const Capitals& capitals : kCapitals) {
    const char32_t capital = moved(letter, -capitals.to_small);
    if (capital < capitals.first || capital > capitals.last) continue;
    if ((capital - capitals.first) % capitals.step == 0) return capital;
  }
  for (const Single& single : kOnlyUp)
    if (single.from == letter) return single.to;
  return letter;
}

}  // namespace sluice
