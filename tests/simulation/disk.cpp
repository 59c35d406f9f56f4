#include "disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "base/hex.h"
#include "journal/journal_error.h"
#include "journal/recovery.h"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kFirstPage = kPage;  // of a journal, before its segments

std::vector<char> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return bytes;
}

void write_file(const fs::path& path, const std::vector<char>& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::vector<fs::path> journals_in(const fs::path& directory) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".journal") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());  // the same seed meets them in the same order
  return found;
}

/// Bytes [from, to) are as they were when they were last synced; before that there was nothing.
void put_back(std::vector<char>& bytes, const std::vector<char>& old, std::size_t from,
              std::size_t to) {
  for (std::size_t i = from; i < std::min(to, bytes.size()); ++i)
    bytes[i] = i < old.size() ? old[i] : '\0';
}

}  // namespace

void Disk::copy(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    if (entry.is_directory()) {
      copy(entry.path(), target);
    } else if (!entry.path().string().ends_with("-shm")) {
      write_file(target, read_file(entry.path()));
    }
  }
}

void Disk::synced(const Journal& journal, const fs::path& file, std::uint64_t seq) {
  synced_[journal.uuid()] = {.bytes = read_file(file), .seq = seq, .came_through = false};
}

void Disk::cut_power(const fs::path& directory, const Draw& draw, History& history) {
  for (const fs::path& path : journals_in(directory)) {
    Bytes bytes = read_file(path);
    try {
      const JournalFile file = JournalFile::open(path);
      const std::string uuid = to_lower_hex(file.identity().uuid);
      Synced& synced = synced_[uuid];
      if (synced.came_through) continue;
      History::Cut cut{.kept = synced.seq};
      if (draw(2) == 0) {
        cut = tear_tail(file, synced, bytes, draw);
      } else {
        mix_pages(synced, bytes, draw);
      }
      history.power_cut(uuid, cut);
      synced.came_through = true;
    } catch (const JournalError&) {
      continue;  // lost in an earlier cut
    }
    write_file(path, bytes);
  }
}

History::Cut Disk::tear_tail(const JournalFile& file, const Synced& synced, Bytes& bytes,
                             const Draw& draw) {
  struct Spot {
    std::uint64_t seq;
    std::size_t begin;  // of its header, in the file
    std::size_t end;    // of its payload
  };
  std::vector<Spot> spots;
  const char* const base = reinterpret_cast<const char*>(file.segment(0));
  for_each_record(file, [&](const JournalRecord& record) {
    const auto topic = static_cast<std::size_t>(record.message.topic.data() - base) + kFirstPage;
    spots.push_back({.seq = record.seq,
                     .begin = topic - sizeof(journal_format::RecordHeader),
                     .end = topic + record.message.topic.size() + record.message.payload.size()});
  });
  const auto first = std::find_if(spots.begin(), spots.end(),
                                  [&](const Spot& spot) { return spot.seq > synced.seq; });
  const std::uint64_t last = spots.empty() ? 0 : spots.back().seq;
  if (first == spots.end()) return {.kept = synced.seq, .exactly = last, .exact = !spots.empty()};
  const auto torn = first + draw(static_cast<std::uint32_t>(spots.end() - first));
  // A record keeps less than all of its bytes, and none but its number may be as it was before.
  const std::size_t least = torn->begin + sizeof(std::uint64_t);
  const std::size_t from = least + draw(static_cast<std::uint32_t>(torn->end - least));
  const std::size_t segment_bytes = file.geometry().segment_bytes;
  const auto segment_end = [&](std::size_t offset) {
    return kFirstPage + ((offset - kFirstPage) / segment_bytes + 1) * segment_bytes;
  };
  put_back(bytes, synced.bytes, from, segment_end(torn->begin));
  for (auto later = torn; later != spots.end(); ++later) {
    const std::size_t end = segment_end(later->begin);
    if (end != segment_end(torn->begin)) put_back(bytes, synced.bytes, end - segment_bytes, end);
  }
  return {.kept = synced.seq, .exactly = torn->seq - 1, .exact = true};
}

void Disk::mix_pages(const Synced& synced, Bytes& bytes, const Draw& draw) {
  const std::uint32_t kept_of_ten = draw(11);
  for (std::size_t page = 0; page < bytes.size(); page += kPage) {
    if (draw(10) < kept_of_ten) continue;
    // Some disks write half a page; the journal relies on its first one being whole.
    const std::size_t from = page != 0 && draw(4) == 0 ? page + draw(kPage) : page;
    put_back(bytes, synced.bytes, from, page + kPage);
  }
}

}  // namespace sluice::test
