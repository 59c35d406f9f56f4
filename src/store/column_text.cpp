#include "store/column_text.h"

#include <algorithm>

#include "base/hex.h"
#include "base/timestamp_text.h"

namespace sluice {

HashText::HashText(std::uint64_t hash) noexcept : text_{} {
  for (auto digit = text_.rbegin(); digit != text_.rend(); ++digit, hash >>= 4)
    *digit = kLowerHexDigits[hash & 0xf];
}

SqlTimestampText::SqlTimestampText(WallTime time) noexcept : text_{} {
  const TimestampText iso(time);
  std::copy_n(iso.view().begin(), text_.size(), text_.begin());
  text_[10] = ' ';
}

}  // namespace sluice
