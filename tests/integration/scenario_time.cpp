#include "scenario_time.h"

#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/timestamp_text.h"

namespace sluice::test {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

/// In whole seconds, with `separator` between date and time, nothing behind.
std::string bare(WallTime time, char separator = 'T') {
  std::string text(TimestampText(time).view().substr(0, 19));
  text[10] = separator;
  return text;
}

std::string fraction(WallTime time) {
  const auto past_second = time - std::chrono::floor<seconds>(time);
  return fmt::format(".{:06}", duration_cast<microseconds>(past_second).count());
}

std::string in_form(WallTime time, const std::string& kind) {
  if (kind == "z") return bare(time) + "Z";
  if (kind == "zfrac") return bare(time) + fraction(time) + "+00:00";
  if (kind == "offset") return bare(time - std::chrono::hours(7)) + "-07:00";
  if (kind == "naive") return bare(time);
  if (kind == "naivefrac") return bare(time) + fraction(time);
  if (kind == "date") return bare(time, ' ');
  if (kind == "epoch") return fmt::format("{}", epoch_seconds(time));
  throw std::runtime_error("unknown form of time " + kind);
}

/// `${now-10:z}` → -10 and z.
std::string time_for(const std::string& placeholder, WallTime now) {
  constexpr std::size_t kPrefix = 5;  // "${now"
  const auto colon = placeholder.find(':');
  const std::string offset = placeholder.substr(kPrefix, colon - kPrefix);
  const seconds away(offset.empty() ? 0 : std::stol(offset));
  return in_form(now + away, placeholder.substr(colon + 1, placeholder.size() - colon - 2));
}

}  // namespace

std::string ScenarioTimes::substitute(const std::string& text, WallTime now) {
  last_ = now;
  std::string out;
  std::size_t done = 0;
  for (;;) {
    const auto start = text.find("${now", done);
    if (start == std::string::npos) return out + text.substr(done);
    const auto end = text.find('}', start) + 1;
    const std::string placeholder = text.substr(start, end - start);
    std::string& time = made_[placeholder];
    time = time_for(placeholder, now);
    out += text.substr(done, start - done) + time;
    done = end;
  }
}

std::string ScenarioTimes::substituted(const std::string& placeholder) const {
  const auto made = made_.find(placeholder);
  return made != made_.end() ? made->second : time_for(placeholder, last_);
}

}  // namespace sluice::test
