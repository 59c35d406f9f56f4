#include "app/proc_io.h"

#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>

namespace sluice {
namespace {

constexpr std::array<std::string_view, ProcIoCounts::kCount> kKernelNames{
    "read_bytes", "write_bytes", "cancelled_write_bytes", "syscr", "syscw"};
constexpr std::chrono::milliseconds kShortest{1};

void take_line(std::string_view line, ProcIoCounts& counts) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view digits = line.substr(colon + 2);
  for (std::size_t i = 0; i < kKernelNames.size(); ++i) {
    if (name != kKernelNames[i]) continue;
    std::uint64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error == std::errc{} && stop == end) counts.values[i] = value;
  }
}

}  // namespace

ProcIoCounts parse_proc_io(std::string_view text) {
  ProcIoCounts counts;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    take_line(text.substr(0, end), counts);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return counts;
}

ProcIoCounts read_proc_io() {
  std::ifstream file("/proc/self/io");
  return parse_proc_io(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::optional<ProcIoRates> ProcIoMeter::measure(const ProcIoCounts& counts, MonoTime now) {
  if (measured_at_ && now - *measured_at_ < kShortest) return std::nullopt;
  ProcIoRates rates{};
  bool any = false;
  if (measured_at_) {
    const double seconds = std::chrono::duration<double>(now - *measured_at_).count();
    for (std::size_t i = 0; i < rates.size(); ++i) {
      if (!counts.values[i] || !last_.values[i]) continue;
      any = true;
      if (*counts.values[i] > *last_.values[i])
        rates[i] = static_cast<double>(*counts.values[i] - *last_.values[i]) / seconds;
    }
  }
  last_ = counts;
  measured_at_ = now;
  if (!any) return std::nullopt;
  return rates;
}

}  // namespace sluice
