#include "base/log.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/utf8.h"

namespace sluice {
namespace {

// Enough for a burst of a few seconds of the noisiest rejects; about 2 MiB of spdlog's message
// slots.
constexpr std::size_t kQueueLines = 8192;

std::atomic<LogLevel> least_level{LogLevel::kInfo};
std::shared_ptr<spdlog::details::thread_pool> pool;

// A topic may have 64 KiB, a name a megabyte: neither decides how fast the log grows.
constexpr std::size_t kPrintableBytes = 256;

std::atomic<LogFormat> current_format{LogFormat::kText};

/// The last step before stderr: whatever a line holds, it stays one line.
class LineFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    line_.clear();
    append_log_line(log_format(), from_spdlog(message.level), message.time,
                    {message.payload.data(), message.payload.size()}, line_);
    out.append(line_.data(), line_.data() + line_.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>();
  }

 private:
  static LogLevel from_spdlog(spdlog::level::level_enum level) noexcept {
    switch (level) {
      case spdlog::level::trace:
      case spdlog::level::debug:
        return LogLevel::kDebug;
      case spdlog::level::info:
        return LogLevel::kInfo;
      case spdlog::level::warn:
        return LogLevel::kWarn;
      default:
        return LogLevel::kError;
    }
  }

  std::string line_;  // a sink formats one message at a time
};

std::shared_ptr<spdlog::logger> make_direct_logger() {
  auto logger =
      std::make_shared<spdlog::logger>("sluice", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<LineFormatter>());
  logger->set_level(spdlog::level::debug);
  return logger;
}

std::shared_ptr<spdlog::logger>& current_logger() {
  static std::shared_ptr<spdlog::logger> logger = make_direct_logger();
  return logger;
}

LogSink& current_sink() {
  static LogSink sink;
  return sink;
}

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

void start_log(LogLevel least) {
  least_level.store(least, std::memory_order_relaxed);  // a hint; no other data hangs on it
  pool = std::make_shared<spdlog::details::thread_pool>(
      kQueueLines, 1, [] { pthread_setname_np(pthread_self(), "log"); });
  auto logger = std::make_shared<spdlog::async_logger>(
      "sluice", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_formatter(std::make_unique<LineFormatter>());
  logger->set_level(spdlog::level::debug);
  current_logger() = std::move(logger);
}

// Relaxed: no other data hangs on it, and a line or two in the old form do no harm.
void set_log_format(LogFormat format) noexcept {
  current_format.store(format, std::memory_order_relaxed);
}
LogFormat log_format() noexcept { return current_format.load(std::memory_order_relaxed); }

void stop_log() {
  if (!pool) return;
  // Queued lines refer to the old logger. It outlives the log's thread, so that this thread is the
  // one that destroys it.
  const auto queued_by = std::exchange(current_logger(), make_direct_logger());
  pool.reset();  // joins the log's thread, which first writes what is queued
}

void flush_log(std::chrono::milliseconds limit) {
  if (!pool) return;
  constexpr std::chrono::milliseconds kLook{10};
  for (auto waited = kLook; waited < limit && pool->queue_size() > 0; waited += kLook)
    std::this_thread::sleep_for(kLook);
  std::this_thread::sleep_for(kLook);  // the last line has left the queue, but maybe not the thread
}

std::uint64_t log_overruns() { return pool ? pool->overrun_counter() : 0; }

bool log_enabled(LogLevel level) noexcept {
  return level >= least_level.load(std::memory_order_relaxed);
}

void set_log_sink(LogSink sink) { current_sink() = std::move(sink); }

void log_line(LogLevel level, std::string_view message) {
  if (const LogSink& sink = current_sink()) return sink(level, message);
  current_logger()->log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

std::string printable(std::string_view text) {
  const bool cut = text.size() > kPrintableBytes;
  if (cut) {
    text = text.substr(0, kPrintableBytes);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U)
      text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.remove_suffix(1);
  }
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Utf8Char next = first_utf8(text);
    // U+2028 and U+2029 end lines on paper, not in a log, and pass as they did before.
    const bool separator = next.value == 0x2028 || next.value == 0x2029;
    if (next.valid && (separator || !is_obeyed(next.value))) {
      safe += text.substr(0, next.size);
    } else {
      safe += '?';
    }
    text.remove_prefix(next.size);
  }
  if (cut) safe += "…";
  return safe;
}

}  // namespace sluice
