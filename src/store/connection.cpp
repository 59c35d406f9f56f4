#include "store/connection.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/log.h"
#include "store/io_counter.h"
#include "store/row_stream.h"
#include "store/statement.h"
#include "store/store_error.h"

namespace sluice {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr int kStepsBetweenQuestions = 100'000;

/// mkdir -p. Not std::filesystem::create_directories, which knows no mode.
void create_parent_directory(const std::string& file) {
  const std::filesystem::path parent = std::filesystem::path(file).parent_path();
  std::filesystem::path made;
  for (const auto& part : parent) {
    made /= part;
    if (::mkdir(made.c_str(), kDirectoryMode) == 0) continue;
    const int reason = errno;
    struct stat status {};
    if (::stat(made.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) continue;
    const char* text = reason == EEXIST ? "a file with this name is in the way" : strerror(reason);
    throw StoreError(
        StoreErrorKind::kUnusable, 0,
        fmt::format("cannot create the directory {} of the database: {}", made.string(), text));
  }
}

/// SQLite's statistics of its own memory take a mutex at every allocation: 12 % of the writer's
/// time here. Has no effect, and does no harm, when SQLite is in use already.
void switch_off_memory_statistics() noexcept {
  static const int kCode = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kCode);
}

std::unique_ptr<SQLite::Database> open_database(const std::string& path,
                                                std::chrono::milliseconds patience) {
  create_parent_directory(path);
  switch_off_memory_statistics();
  try {
    return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                              static_cast<int>(patience.count()), counting_vfs());
  } catch (const SQLite::Exception& error) {
    throw to_store_error(error, fmt::format("cannot open the database {}", path));
  }
}

}  // namespace

/// SQLite's types, which no includer of connection.h needs to know. The statements go before the
/// database they belong to.
struct Connection::Impl {
  struct Statements {
    explicit Statements(Connection& connection)
        : begin(connection, "BEGIN IMMEDIATE"),
          commit(connection, "COMMIT"),
          rollback(connection, "ROLLBACK"),
          savepoint(connection, "SAVEPOINT sluice"),
          release(connection, "RELEASE sluice"),
          rollback_to(connection, "ROLLBACK TO sluice"),
          data_version(connection, "PRAGMA data_version") {}

    Statement begin;
    Statement commit;
    Statement rollback;
    Statement savepoint;
    Statement release;
    Statement rollback_to;
    Statement data_version;
  };

  std::unique_ptr<SQLite::Database> database;
  std::unique_ptr<Statements> statements;
};

Connection::Connection(const ConnectionOptions& options)
    : path_(options.path), impl_(std::make_unique<Impl>()) {
  impl_->database = open_database(path_, options.patience);
  sqlite3_extended_result_codes(handle(), 1);
  apply_pragmas(options);
  register_row_streams(handle());
  impl_->statements = std::make_unique<Impl::Statements>(*this);
}

Connection::~Connection() {
  try {
    close();
  } catch (const StoreError& error) {
    log_error("{}", error.what());
  }
}

void Connection::apply_pragmas(const ConnectionOptions& options) {
  // The order counts on a new file: auto_vacuum must be set before anything is written, and
  // entering WAL mode writes.
  execute("PRAGMA auto_vacuum = INCREMENTAL");
  // The one foreign key is observations.transmission_id, and each observation is written behind its
  // transmission, in the same transaction. With the check on, a statement that inserts many rows
  // would also keep a copy of every page that it touches, in case the last row fails.
  execute("PRAGMA foreign_keys = OFF");
  {
    Statement wal(*this, "PRAGMA journal_mode = WAL");
    const auto mode = wal.query();
    if (!mode || mode.text(0) != "wal")
      throw StoreError(StoreErrorKind::kUnusable, 0,
                       fmt::format("{}: this file system does not carry a write-ahead log", path_));
  }
  execute("PRAGMA synchronous = FULL");
  execute("PRAGMA wal_autocheckpoint = 0");
  execute(fmt::format("PRAGMA cache_size = -{}", options.cache_kib).c_str());
  // After wal_autocheckpoint, which would take the hook's place.
  sqlite3_wal_hook(
      handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

void Connection::set_busy_timeout(std::chrono::milliseconds timeout) {
  assert_bound();
  impl_->database->setBusyTimeout(static_cast<int>(timeout.count()));
}

void Connection::begin_immediate() { impl_->statements->begin.run(); }

void Connection::commit() {
  impl_->statements->commit.run();
  ++commits_;
}

void Connection::rollback() noexcept {
  if (!in_transaction()) return;
  try {
    impl_->statements->rollback.run();
  } catch (const StoreError&) {
    // SQLite undoes the transaction even when it reports an error from within.
    assert(!in_transaction());
  }
}

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle()) == 0; }

void Connection::savepoint() {
  assert(in_transaction());
  impl_->statements->savepoint.run();
}

void Connection::release_savepoint() { impl_->statements->release.run(); }

void Connection::rollback_to_savepoint() {
  impl_->statements->rollback_to.run();
  impl_->statements->release.run();
}

CheckpointResult Connection::checkpoint_passive() { return checkpoint(SQLITE_CHECKPOINT_PASSIVE); }

CheckpointResult Connection::checkpoint_truncate() {
  return checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

CheckpointResult Connection::checkpoint(int mode) {
  assert_bound();
  assert(!in_transaction() && "a checkpoint within a transaction");
  int frames = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle(), nullptr, mode, &frames, &moved);
  if (code != SQLITE_OK && store_error_kind(code) != StoreErrorKind::kBusy)
    throw make_store_error(handle(), code, "checkpoint failed");
  // Both stay negative when another process is checkpointing at this moment.
  if (frames >= 0) wal_pages_ = frames;
  return {code == SQLITE_OK && moved == frames, wal_pages_, std::max(moved, 0)};
}

std::int64_t Connection::data_version() {
  return impl_->statements->data_version.query().integer(0);
}

void Connection::close() {
  if (impl_ == nullptr) return;
  assert_bound();
  rollback();
  // Taken first: whatever the checkpoint says, afterwards the connection is closed.
  const std::unique_ptr<Impl> closing = std::move(impl_);
  closing->statements.reset();
  sqlite3* database = closing->database->getHandle();
  assert(sqlite3_next_stmt(database, nullptr) == nullptr && "a Statement outlives its Connection");
  const int code =
      sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // Every commit is in the WAL and synced there; the next one to open the file reads it.
  switch (store_error_kind(code)) {
    case StoreErrorKind::kBusy:  // a reader in the way
      return;
    case StoreErrorKind::kFull:
    case StoreErrorKind::kIo:
      log_warn("{}; everything is committed, and stays in {}-wal",
               make_store_error(database, code, "the last checkpoint failed").what(), path_);
      // Closing would try once more, and delete the WAL if the disk then says that all is well.
      sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      return;
    default:
      if (code != SQLITE_OK)
        throw make_store_error(database, code,
                               fmt::format("{}: the last checkpoint failed", path_));
  }
}

void Connection::execute(const char* sql) {
  assert_bound();
  try {
    impl_->database->exec(sql);
  } catch (const SQLite::Exception& error) {
    throw to_store_error(error, path_);
  }
}

void Connection::set_keep_going(std::function<bool()> keep_going) {
  assert_bound();
  keep_going_ = std::move(keep_going);
  if (!keep_going_) {
    sqlite3_progress_handler(handle(), 0, nullptr, nullptr);
    return;
  }
  sqlite3_progress_handler(
      handle(), kStepsBetweenQuestions,
      [](void* self) { return static_cast<Connection*>(self)->keep_going_() ? 0 : 1; }, this);
}

sqlite3* Connection::handle() const noexcept { return impl_->database->getHandle(); }

}  // namespace sluice
