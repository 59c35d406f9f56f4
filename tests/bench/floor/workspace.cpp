#include "bench/floor/workspace.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/floor/pipeline_run.h"
#include "capture_generator.h"
#include "output_file.h"
#include "store/connection.h"
#include "store/schema.h"

namespace sluice::bench {
namespace {

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

}  // namespace

Workspace::Workspace(WorkspaceOptions options) : options_(std::move(options)) {
  std::filesystem::create_directories(options_.directory);
  make_captures();
  make_databases();
}

std::string Workspace::piece(std::uint64_t from, std::uint64_t to) const {
  return options_.directory / fmt::format("messages-{}-{}.jsonl", from, to);
}

std::string Workspace::capture(std::uint64_t before) const {
  return piece(before, before + options_.messages);
}

std::string Workspace::database(std::uint64_t before) const {
  return options_.directory / fmt::format("before-{}.db", before);
}

void Workspace::make_captures() const {
  // What fills the files, and what is sent to them; the pieces overlap.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  std::uint64_t filled = 0;
  for (const std::uint64_t before : options_.rows_before) {
    if (before > filled) spans.emplace_back(filled, before);
    spans.emplace_back(before, before + options_.messages);
    filled = std::max(filled, before);
  }
  struct Piece {
    std::uint64_t from;
    std::uint64_t to;
    OutputFile file;
  };
  std::vector<std::unique_ptr<Piece>> pieces;
  std::uint64_t end = 0;
  for (const auto& [from, to] : spans) {
    pieces.emplace_back(new Piece{from, to, OutputFile(piece(from, to))});
    end = std::max(end, to);
  }
  fmt::print(stderr, "... making {} messages\n", end);
  SynthOptions synth;
  synth.messages = end;
  synth.observers = options_.observers;
  CaptureGenerator generator(synth);
  std::string line;
  for (std::uint64_t number = 0; generator.next(line); ++number, line.clear()) {
    for (const auto& piece : pieces) {
      if (number < piece->from || number >= piece->to) continue;
      piece->file.buffer().append(line);
      piece->file.written();
    }
  }
  for (const auto& piece : pieces) piece->file.finish();
}

void Workspace::make_databases() const {
  std::uint64_t filled = 0;
  for (const std::uint64_t before : options_.rows_before) {
    const std::string path = database(before);
    remove_database(path);
    if (before > 0) {
      std::filesystem::copy_file(database(filled), path);
      fmt::print(stderr, "... filling a file with {} messages\n", before);
      static_cast<void>(
          run_pipeline({.capture = piece(filled, before), .database = path, .max_rows = 50'000}));
    } else {
      Connection connection({.path = path});
      create_schema(connection);
    }
    filled = before;
  }
}

std::string Workspace::short_capture(std::uint64_t messages) const {
  const std::string path = options_.directory / "short.jsonl";
  std::ifstream from(capture(0));
  std::ofstream to(path);
  std::string line;
  for (std::uint64_t i = 0; i < messages && std::getline(from, line); ++i) to << line << '\n';
  return path;
}

std::string Workspace::fresh_copy(std::uint64_t before, bool lean) const {
  const std::string path = options_.directory / "run.db";
  remove_database(path);
  std::filesystem::copy_file(database(before), path);
  if (lean) {
    Connection connection({.path = path});
    create_schema(connection, {.redundant_indexes = false});
  }
  sync();
  return path;
}

}  // namespace sluice::bench
