#include "base/timestamp_text.h"

#include <algorithm>

namespace sluice {
namespace {

void put_digits(char* out, unsigned value, int width) noexcept {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

std::int64_t epoch_seconds(WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

TimestampText::TimestampText(WallTime time) noexcept : text_{} {
  using namespace std::chrono;
  const auto second = floor<seconds>(time);
  const auto day = floor<days>(second);
  const year_month_day date{day};
  const hh_mm_ss clock{second - day};
  const int year = std::clamp(static_cast<int>(date.year()), 0, 9999);
  put_digits(&text_[0], static_cast<unsigned>(year), 4);
  text_[4] = '-';
  put_digits(&text_[5], static_cast<unsigned>(date.month()), 2);
  text_[7] = '-';
  put_digits(&text_[8], static_cast<unsigned>(date.day()), 2);
  text_[10] = 'T';
  put_digits(&text_[11], static_cast<unsigned>(clock.hours().count()), 2);
  text_[13] = ':';
  put_digits(&text_[14], static_cast<unsigned>(clock.minutes().count()), 2);
  text_[16] = ':';
  put_digits(&text_[17], static_cast<unsigned>(clock.seconds().count()), 2);
  text_[19] = 'Z';
}

}  // namespace sluice
