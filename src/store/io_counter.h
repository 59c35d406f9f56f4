#pragma once

#include <cstdint>

namespace sluice {

/// What SQLite has asked of the disk since the process began.
struct IoCounts {
  std::uint64_t db_syncs = 0;
  std::uint64_t wal_syncs = 0;
  std::uint64_t other_syncs = 0;  ///< journals, temporary files
  std::uint64_t db_bytes = 0;     ///< written
  std::uint64_t wal_bytes = 0;    ///< written
  std::uint64_t other_bytes = 0;  ///< written
};

/// Thread: any. The fields are read one after the other, each is exact on its own.
[[nodiscard]] IoCounts io_counts() noexcept;

/// Registers, at the first call, the VFS that counts: a shim over SQLite's default one that passes
/// everything on. Returns the name to open databases with. Throws StoreError.
///
/// Thread: any.
[[nodiscard]] const char* counting_vfs();

}  // namespace sluice
