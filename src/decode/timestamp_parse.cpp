#include "decode/timestamp_parse.h"

#include <cstddef>

namespace sluice {
namespace {

constexpr std::chrono::hours kMaxAhead{14};
constexpr std::chrono::days kMaxBehind{30};
constexpr std::chrono::minutes kNaiveTolerance{15};

/// Takes fields off the front of a text; one that does not fit makes the whole text invalid.
class Fields {
 public:
  explicit Fields(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool valid() const noexcept { return valid_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  [[nodiscard]] bool skip(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) noexcept {
    if (!skip(c)) valid_ = false;
  }

  int number(std::size_t digits, int max) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    if (value > max) valid_ = false;
    return value;
  }

  /// One or two digits.
  int hour() noexcept {
    const bool two = rest_.size() >= 2 && is_digit(rest_[1]);
    return number(two ? 2 : 1, 23);
  }

  /// `.` or `,` and at least one digit, else nothing is taken.
  std::chrono::microseconds fraction() noexcept {
    std::chrono::microseconds value{0};
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_[1])) {
      return value;
    }
    rest_.remove_prefix(1);
    for (int weight = 100'000; !rest_.empty() && is_digit(rest_.front()); weight /= 10) {
      value += std::chrono::microseconds(weight * digit());
    }
    return value;
  }

  /// The zone's distance from UTC; nothing is left behind it.
  std::chrono::minutes offset() noexcept {
    if (skip('Z')) return std::chrono::minutes(0);
    const bool west = skip('-');
    if (!west) expect('+');
    const std::chrono::hours hours(number(2, 24));
    expect(':');
    const std::chrono::minutes distance = hours + std::chrono::minutes(number(2, 60));
    return west ? -distance : distance;
  }

 private:
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  int digit() noexcept {
    if (rest_.empty() || !is_digit(rest_.front())) {
      valid_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool valid_ = true;
};

}  // namespace

std::optional<ParsedTimestamp> parse_timestamp(std::string_view text) noexcept {
  Fields fields(text);
  const std::chrono::year year(fields.number(4, 9999));
  fields.expect('-');
  const std::chrono::month month(static_cast<unsigned>(fields.number(2, 12)));
  fields.expect('-');
  const std::chrono::day day(static_cast<unsigned>(fields.number(2, 31)));
  fields.expect('T');
  const std::chrono::hours hour(fields.hour());
  fields.expect(':');
  const std::chrono::minutes minute(fields.number(2, 59));
  fields.expect(':');
  const std::chrono::seconds second(fields.number(2, 59));
  const std::chrono::microseconds fraction = fields.fraction();
  const bool naive = fields.at_end();
  const std::chrono::minutes offset = naive ? std::chrono::minutes(0) : fields.offset();
  const std::chrono::year_month_day date(year, month, day);
  if (!fields.valid() || !fields.at_end() || !date.ok()) return std::nullopt;
  const WallTime local = std::chrono::sys_days(date) + hour + minute + second + fraction;
  return ParsedTimestamp{local - offset, naive};
}

std::optional<std::chrono::seconds> naive_clock_skew(const ParsedTimestamp& timestamp,
                                                     WallTime now) noexcept {
  const auto ahead = timestamp.time - now;
  if (!timestamp.naive || ahead > kMaxAhead || ahead < -kMaxBehind) return std::nullopt;
  if (std::chrono::abs(ahead) <= kNaiveTolerance) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(ahead);
}

ClockFault clock_fault(std::string_view text, const std::optional<ParsedTimestamp>& timestamp,
                       WallTime now) noexcept {
  if (text.empty()) return ClockFault::kNone;
  if (!timestamp) return ClockFault::kUnparsable;
  const auto ahead = timestamp->time - now;
  if (ahead > kMaxAhead) return ClockFault::kFuture;
  return ahead < -kMaxBehind ? ClockFault::kStale : ClockFault::kNone;
}

WallTime resolve_timestamp(std::string_view text, WallTime now) noexcept {
  const auto timestamp = parse_timestamp(text);
  if (!timestamp) return now;
  const auto ahead = timestamp->time - now;
  if (ahead > std::chrono::microseconds(0) || ahead < -kMaxBehind) return now;
  if (timestamp->naive && -ahead > kNaiveTolerance) return now;
  return timestamp->time;
}

}  // namespace sluice
