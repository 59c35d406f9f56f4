#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The file that CoreScope's server reads once a second (contract 6). Written beside its place and
/// renamed, so that a reader never sees half of it. The directory may be everybody's (/tmp), so
/// nothing that stands at either name is followed or waited for: a link at the destination is
/// replaced, one at the temporary name makes the write fail.
///
/// Thread: bound to its user; never a stage, since a disk may be slow.
class StatsFile {
 public:
  explicit StatsFile(std::string path)
      : path_(std::move(path)), temporary_(path_ + ".tmp"), reported_() {}

  /// Never throws: a failure is told in the log, once for each reason, and so is its end.
  void publish(std::string_view content) noexcept;

 private:
  /// '' if it went well.
  [[nodiscard]] std::string write(std::string_view content);

  const std::string path_;
  const std::string temporary_;
  std::string reported_;  // the failure that the log has been told of
};

}  // namespace sluice
