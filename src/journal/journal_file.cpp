#include "journal/journal_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "journal/journal_error.h"

namespace sluice {
namespace {

constexpr std::size_t kFirstPage = 4096;
constexpr char kMagic[8] = {'s', 'l', 'u', 'i', 'c', 'e', '-', 'j'};
constexpr std::uint32_t kVersion = 1;

/// The file's first page. Texts are filled up with zeros.
struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;
  std::uint64_t segment_bytes;
  std::uint64_t run;
  std::uint8_t uuid[16];
  char database_uuid[48];
  char source[256];
  char database_path[2048];
  std::uint64_t checksum;  // of all above
};
static_assert(sizeof(FileHeader) <= kFirstPage);

constexpr std::uint32_t kByteOrder = 0x01020304;

template <std::size_t Size>
void put(char (&place)[Size], std::string_view text) noexcept {
  std::memset(place, 0, Size);
  std::memcpy(place, text.data(), std::min(text.size(), Size - 1));
}

template <std::size_t Size>
std::string get(const char (&place)[Size]) {
  return {place, strnlen(place, Size)};
}

std::uint64_t checksum_of(const FileHeader& header) noexcept {
  return journal_format::checksum_of(
      {reinterpret_cast<const std::byte*>(&header), offsetof(FileHeader, checksum)}, kVersion);
}

/// On a file system in memory a sync succeeds and keeps nothing through a power cut.
bool in_main_memory(int descriptor) {
  struct statfs system {};
  return fstatfs(descriptor, &system) == 0 &&
         (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw JournalError(fmt::format("journal {}: {}: {}", path.string(), what,
                                 std::system_category().message(errno)));
}

}  // namespace

void sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  if (!synced)
    throw std::system_error(error, std::generic_category(), "fsync of " + directory.string());
}

JournalFile JournalFile::in_memory(const JournalGeometry& geometry) {
  JournalFile file;
  file.geometry_ = geometry;
  file.mapped_bytes_ = geometry.segment_bytes * geometry.segment_count;
  void* const mapping = mmap(nullptr, file.mapped_bytes_, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "cannot map the journal");
  file.mapping_ = file.segments_ = static_cast<std::byte*>(mapping);
  file.allocated_ = geometry.segment_count;
  return file;
}

JournalFile JournalFile::create(const std::filesystem::path& path, const JournalGeometry& geometry,
                                const JournalIdentity& identity, std::uint64_t min_free) {
  JournalFile file;
  file.path_ = path;
  file.geometry_ = geometry;
  file.identity_ = identity;
  file.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file.descriptor_ < 0) fail(path, "cannot be created");
  if (!file.allocate(1, min_free)) {
    const JournalError error(
        fmt::format("journal {}: no room for its first {} MiB beside the {} MiB of "
                    "sluice.journal.minFreeBytes; make room, or set sluice.journal.dir to a place "
                    "that has it",
                    path.string(), geometry.segment_bytes >> 20U, min_free >> 20U));
    unlink(path.c_str());
    throw error;
  }
  file.map(kFirstPage + geometry.segment_bytes * geometry.segment_count);
  file.write_identity();
  file.survives_power_cut_ = !in_main_memory(file.descriptor_);
  return file;
}

JournalFile JournalFile::open(const std::filesystem::path& path) {
  JournalFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file.descriptor_ < 0) fail(path, "cannot be opened");
  struct stat status {};
  if (fstat(file.descriptor_, &status) != 0) fail(path, "cannot be looked at");
  file.read_identity();
  const std::size_t segment = file.geometry_.segment_bytes;
  const auto bytes = static_cast<std::size_t>(status.st_size);
  // What was cut off is read as zeros, and zeros are no record.
  file.geometry_.segment_count = (bytes - kFirstPage + segment - 1) / segment;
  const std::size_t whole = kFirstPage + file.geometry_.segment_count * segment;
  if (whole != bytes && ftruncate(file.descriptor_, static_cast<off_t>(whole)) != 0)
    fail(path, "cannot be filled up");
  file.allocated_ = file.geometry_.segment_count;
  file.map(whole);
  return file;
}

JournalFile::JournalFile(JournalFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_bytes_(other.mapped_bytes_),
      guard_(std::move(other.guard_)),
      segments_(std::exchange(other.segments_, nullptr)),
      allocated_(other.allocated_),
      survives_power_cut_(other.survives_power_cut_),
      geometry_(other.geometry_),
      identity_(std::move(other.identity_)) {}

JournalFile::~JournalFile() {
  guard_.reset();
  if (mapping_ != nullptr) munmap(mapping_, mapped_bytes_);
  if (descriptor_ >= 0) close(descriptor_);
}

void JournalFile::map(std::size_t bytes) {
  // Beyond the file's end, too: nothing is looked at there before allocate() has moved the end.
  void* const mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (mapping == MAP_FAILED) fail(path_, "cannot be mapped");
  mapping_ = static_cast<std::byte*>(mapping);
  mapped_bytes_ = bytes;
  segments_ = mapping_ + kFirstPage;
  guard_ = std::make_unique<MappingGuard>(mapping_, mapped_bytes_);
}

bool JournalFile::allocate(std::size_t count, std::uint64_t min_free) {
  if (count <= allocated_) return true;
  const std::size_t from = allocated_ == 0 ? 0 : kFirstPage + allocated_ * geometry_.segment_bytes;
  const std::size_t to = kFirstPage + count * geometry_.segment_bytes;
  struct statvfs disk {};
  if (min_free != 0 && fstatvfs(descriptor_, &disk) == 0 &&
      std::uint64_t{disk.f_bavail} * disk.f_frsize < min_free + (to - from)) {
    return false;
  }
  if (posix_fallocate(descriptor_, static_cast<off_t>(from), static_cast<off_t>(to - from)) != 0) {
    // Whatever part of it came about: an end that isn't a segment's is no use to anybody.
    static_cast<void>(!ftruncate(descriptor_, static_cast<off_t>(from)));
    return false;
  }
#ifdef MADV_POPULATE_WRITE
  // The receive thread should not be the one that waits for a page. Older kernels say no, and then
  // it does.
  if (mapping_ != nullptr) madvise(mapping_ + from, to - from, MADV_POPULATE_WRITE);
#endif
  allocated_ = count;
  return true;
}

void JournalFile::sync() {
  if (persistent() && fdatasync(descriptor_) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "journal " + path_.string() + ": fdatasync");
  }
}

void JournalFile::bind(std::string_view database_uuid, std::string_view database_path) {
  if (!persistent()) return;
  identity_.database_uuid = database_uuid;
  identity_.database_path = database_path;
  write_identity();
}

void JournalFile::rename(const std::filesystem::path& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) fail(path_, "cannot be renamed");
  path_ = path;
  sync_directory(path_.parent_path());
}

void JournalFile::remove() noexcept {
  if (!persistent()) return;
  unlink(path_.c_str());
  // The mapping keeps the file alive, but nothing needs its blocks any more.
  static_cast<void>(!ftruncate(descriptor_, 0));
}

void JournalFile::write_identity() {
  FileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = kVersion;
  header.byte_order = kByteOrder;
  header.segment_bytes = geometry_.segment_bytes;
  header.run = identity_.run;
  std::copy(identity_.uuid.begin(), identity_.uuid.end(), header.uuid);
  put(header.database_uuid, identity_.database_uuid);
  put(header.source, identity_.source);
  put(header.database_path, identity_.database_path);
  header.checksum = checksum_of(header);
  // One write of less than a page: a reader finds the old header or the new one.
  if (pwrite(descriptor_, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header))
    fail(path_, "its first page cannot be written");
}

void JournalFile::read_identity() {
  FileHeader header{};
  const ssize_t got = pread(descriptor_, &header, sizeof header, 0);
  if (got < 0) fail(path_, "cannot be read");
  struct stat status {};
  const bool whole = got == static_cast<ssize_t>(sizeof header) &&
                     fstat(descriptor_, &status) == 0 &&
                     static_cast<std::size_t>(status.st_size) >= kFirstPage;
  if (got < static_cast<ssize_t>(sizeof kMagic) ||
      std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    throw JournalDamaged(
        fmt::format("journal {}: this is not a journal of Sluice", path_.string()));
  }
  if (whole && (header.version > kVersion || header.byte_order != kByteOrder)) {
    throw JournalVersionError(fmt::format(
        "journal {}: written by a newer Sluice or on another kind of machine; start that one once "
        "to let it write what is in there, or move the file away",
        path_.string()));
  }
  const bool sane = whole && header.checksum == checksum_of(header) && header.segment_bytes != 0 &&
                    header.segment_bytes % kFirstPage == 0 &&
                    header.segment_bytes <= std::numeric_limits<std::uint32_t>::max();
  if (!sane)
    throw JournalDamaged(fmt::format("journal {}: its first page is damaged", path_.string()));
  geometry_.segment_bytes = header.segment_bytes;
  identity_.run = header.run;
  std::copy(std::begin(header.uuid), std::end(header.uuid), identity_.uuid.begin());
  identity_.database_uuid = get(header.database_uuid);
  identity_.source = get(header.source);
  identity_.database_path = get(header.database_path);
}

}  // namespace sluice
