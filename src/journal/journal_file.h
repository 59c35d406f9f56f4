#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "journal/mapping_guard.h"
#include "journal/record_format.h"

namespace sluice {

/// Makes durable which files there are in a directory. Throws std::system_error.
void sync_directory(const std::filesystem::path& directory);

/// Room for segments: what a journal reserves, not what it takes.
struct JournalGeometry {
  std::size_t segment_bytes = 0;  ///< a multiple of the page size
  std::size_t segment_count = 0;
};

/// What the file's first page says of it.
struct JournalIdentity {
  JournalUuid uuid{};
  std::uint64_t run = 0;      ///< counts the starts that made journals in this directory
  std::string source;         ///< the source's name in the configuration; cut at 255 bytes
  std::string database_uuid;  ///< whose backlog this is; empty until bind()
  std::string database_path;  ///< for messages to people; cut at 2,047 bytes
};

/// The memory that a journal lives in: anonymous, or a file that is mapped shared, so that what was
/// written to it survives the process.
///
/// The address space of every segment is reserved at once. Of a file, segments come into being with
/// allocate(), which takes the room on the disk: without it a write to the mapping could fail, and
/// that is a signal.
///
/// Thread: made by app/; segment(), failed(), give_up() any; allocate(), sync(), remove()
/// bound(keeper) once the journal runs; bind() before the writer's first window.
class JournalFile {
 public:
  /// Pages come as they are first written and end with the process. Throws std::system_error.
  [[nodiscard]] static JournalFile in_memory(const JournalGeometry& geometry);

  /// A new file with its first segment. Throws JournalError, also when that would leave less than
  /// `min_free` bytes of the disk to others.
  [[nodiscard]] static JournalFile create(const std::filesystem::path& path,
                                          const JournalGeometry& geometry,
                                          const JournalIdentity& identity, std::uint64_t min_free);

  /// What an earlier run has left behind. Throws JournalDamaged for what is not a journal and for
  /// one whose first page is damaged, JournalVersionError for one of a newer version, JournalError
  /// when the file cannot be opened or read.
  [[nodiscard]] static JournalFile open(const std::filesystem::path& path);

  JournalFile(JournalFile&& other) noexcept;
  JournalFile& operator=(JournalFile&& other) = delete;
  ~JournalFile();

  [[nodiscard]] const JournalGeometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const JournalIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] bool persistent() const noexcept { return descriptor_ >= 0; }
  /// What sync() has written outlives a power cut: not so in memory and on a file system there. Of
  /// a new file; nothing is synced in an old one.
  [[nodiscard]] bool survives_power_cut() const noexcept { return survives_power_cut_; }
  /// Empty in memory.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  [[nodiscard]] std::byte* segment(std::size_t index) const noexcept {
    return segments_ + index * geometry_.segment_bytes;
  }
  [[nodiscard]] std::span<const std::byte> segment_bytes(std::size_t index) const noexcept {
    return {segment(index), geometry_.segment_bytes};
  }

  /// The file was cut short under the mapping, or a page of it cannot be read: there are zeros now
  /// where it was looked at, and what is written there ends with the process.
  [[nodiscard]] bool failed() const noexcept { return guard_ != nullptr && guard_->failed(); }
  /// Somebody has found something else in it than what was written.
  void give_up() noexcept {
    if (guard_ != nullptr) guard_->fail();
  }

  /// Takes the room of segments up to `count` on the disk and brings their pages in. False: there
  /// is no room, or less than `min_free` bytes would be left to others.
  [[nodiscard]] bool allocate(std::size_t count, std::uint64_t min_free);

  /// Everything written so far outlives a power cut. Throws std::system_error.
  void sync();

  /// Writes down whose backlog this is. Throws JournalError.
  void bind(std::string_view database_uuid, std::string_view database_path);

  /// Throws JournalError.
  void rename(const std::filesystem::path& path);

  /// Gives the disk's room back at once; the mapping must not be looked at any more.
  void remove() noexcept;

 private:
  JournalFile() = default;
  void map(std::size_t bytes);
  void write_identity();
  void read_identity();

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::byte* mapping_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::unique_ptr<MappingGuard> guard_;  // of a file
  std::byte* segments_ = nullptr;
  std::size_t allocated_ = 0;  // segments that have their room
  bool survives_power_cut_ = false;
  JournalGeometry geometry_;
  JournalIdentity identity_;
};

}  // namespace sluice
