#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/thread_check.h"

struct sqlite3;

namespace sluice {

struct ConnectionOptions {
  std::string path;
  /// Page cache. Below 16 MiB a window of 10,000 rows spills into the WAL before its commit and
  /// writes three times as much; above nothing more is gained.
  int cache_kib = 16384;
  /// How long a statement waits for another process's lock, until set_busy_timeout() says
  /// otherwise.
  std::chrono::milliseconds patience{5000};
};

struct CheckpointResult {
  bool complete = false;         ///< every frame is in the database file now
  std::int64_t wal_pages = 0;    ///< frames in the WAL
  std::int64_t moved_pages = 0;  ///< of those, frames that are in the database file by now
};

/// The one connection that writes: opened with the pragmas that CoreScope's server and its own
/// ingestor expect to find (contract 2.1), and with checkpoints taken out of the commit. Every
/// failure is a StoreError; after one the transaction is still to be ended with rollback().
///
/// Thread: bound(write). app/ opens it and calls rebind() when it hands it to the writer.
class Connection {
 public:
  /// Opens or creates the file, and its directory (mode 0755).
  explicit Connection(const ConnectionOptions& options);
  /// Like close(), but keeps quiet about a failure.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Zero once the pipeline runs: a busy database is then a state of the writer, not a sleep in
  /// SQLite.
  void set_busy_timeout(std::chrono::milliseconds timeout);

  void begin_immediate();
  void commit();
  /// Ends the transaction if there is one. SQLite has ended it by itself after some errors.
  void rollback() noexcept;
  [[nodiscard]] bool in_transaction() const noexcept;
  /// Transactions committed on this connection.
  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

  /// One level, for finding the row of a window that cannot be written (design 4, rule 4).
  void savepoint();
  void release_savepoint();
  /// Undoes what happened since savepoint(), and ends it.
  void rollback_to_savepoint();

  /// Moves what no reader needs any more from the WAL to the database file; waits for nobody. Not
  /// within a transaction.
  CheckpointResult checkpoint_passive();
  /// Moves everything and cuts the WAL to zero bytes. `complete` is false when somebody was in the
  /// way for longer than the busy timeout.
  CheckpointResult checkpoint_truncate();
  /// Frames in the WAL as of the last commit or checkpoint, one page each.
  [[nodiscard]] std::int64_t wal_pages() const noexcept { return wal_pages_; }

  /// Changes when another connection has committed; our own commits leave it alone. Steady within
  /// a transaction.
  [[nodiscard]] std::int64_t data_version();

  /// A full checkpoint, then closes. Statements on this connection must be gone by then. Where the
  /// checkpoint is impossible for now (a reader, no space, a failing disk) the WAL stays, with a
  /// warning; nothing is lost by that.
  void close();

  /// For what is not worth a prepared statement. Several statements may be separated by `;`.
  void execute(const char* sql);

  /// Asks while a statement runs, every hundred thousand of SQLite's steps (some milliseconds);
  /// false ends the statement with kInterrupted. Empty: nobody is asked.
  void set_keep_going(std::function<bool()> keep_going);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The next call binds the connection, and every statement on it, to its thread.
  void rebind() noexcept { thread_check_.rebind(); }

  // --- for the other classes of this room ---

  [[nodiscard]] sqlite3* handle() const noexcept;
  void assert_bound() noexcept { thread_check_.assert_bound(); }

 private:
  struct Impl;

  void apply_pragmas(const ConnectionOptions& options);
  CheckpointResult checkpoint(int mode);

  std::string path_;
  std::unique_ptr<Impl> impl_;  // null after close()
  std::function<bool()> keep_going_;
  std::uint64_t commits_ = 0;
  std::int64_t wal_pages_ = 0;
  ThreadCheck thread_check_;
};

}  // namespace sluice
