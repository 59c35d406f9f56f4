#include "record_time.h"

#include <fmt/compile.h>
#include <fmt/format.h>

namespace sluice {

RecordTime::RecordTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto micros = static_cast<std::uint64_t>((time - day).count());
  const auto seconds = static_cast<unsigned>(micros / 1'000'000);
  year_ = static_cast<int>(date.year());
  month_ = static_cast<unsigned>(date.month());
  day_ = static_cast<unsigned>(date.day());
  hour_ = seconds / 3600;
  minute_ = seconds / 60 % 60;
  second_ = seconds % 60;
  micros_ = static_cast<unsigned>(micros % 1'000'000);
}

std::string RecordTime::aware() const {
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00"), year_, month_,
                     day_, hour_, minute_, second_, micros_);
}

std::string RecordTime::naive() const {
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000000"), year_, month_, day_,
                     hour_, minute_, second_);
}

std::string RecordTime::clock() const {
  return fmt::format(FMT_COMPILE("{:02}:{:02}:{:02}"), hour_, minute_, second_);
}

std::string RecordTime::date() const {
  return fmt::format(FMT_COMPILE("{}/{}/{}"), day_, month_, year_);
}

std::string RecordTime::date_padded() const {
  return fmt::format(FMT_COMPILE("{:02}/{:02}/{}"), day_, month_, year_);
}

}  // namespace sluice
