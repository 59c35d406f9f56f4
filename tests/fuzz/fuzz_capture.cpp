// Any bytes as a capture file: cut into lines, each of them parsed. A record that is read must come
// back from what append_capture_line() writes of it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/check.h"
#include "receive/capture_format.h"
#include "receive/line_reader.h"

namespace {

using namespace sluice;

/// The bytes as a file.
int file_of(const std::uint8_t* data, std::size_t size) {
  static const int fd = memfd_create("capture", 0);
  FUZZ_CHECK(fd >= 0 && ftruncate(fd, 0) == 0);
  FUZZ_CHECK(pwrite(fd, data, size, 0) == static_cast<ssize_t>(size));
  FUZZ_CHECK(lseek(fd, 0, SEEK_SET) == 0);
  return fd;
}

void check_record(CaptureLineParser& parser, const CaptureRecord& record) {
  FUZZ_CHECK(record.offset.count() >= 0);
  FUZZ_CHECK(record.qos <= 2);
  std::string line;
  append_capture_line(record, line);
  FUZZ_CHECK(!line.empty() && line.back() == '\n');
  FUZZ_CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  const std::size_t size = line.size() - 1;
  line.resize(line.size() + LineReader::kPadding, '}');
  CaptureRecord again;
  std::string error;
  // `record` lives in the first parser, so a second one reads what was written.
  FUZZ_CHECK(parser.parse(std::string_view(line).substr(0, size), again, error));
  FUZZ_CHECK(again.payload == record.payload && again.topic == record.topic);
  FUZZ_CHECK(again.offset == record.offset && again.qos == record.qos);
  FUZZ_CHECK(again.retain == record.retain);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CaptureLineParser parser;
  static CaptureLineParser checker;
  constexpr std::size_t kMaxLine = 4096;
  LineReader reader(file_of(data, size), kMaxLine);
  std::string_view line;
  std::size_t bytes = 0;
  for (;;) {
    const LineReader::Result result = reader.next(line);
    if (result == LineReader::Result::kEnd) break;
    if (result != LineReader::Result::kLine) continue;
    FUZZ_CHECK(line.size() <= kMaxLine && line.find('\n') == std::string_view::npos);
    bytes += line.size();
    CaptureRecord record;
    std::string error;
    if (parser.parse(line, record, error)) {
      check_record(checker, record);
    } else {
      FUZZ_CHECK(!error.empty());
    }
  }
  FUZZ_CHECK(bytes <= size);
  return 0;
}
