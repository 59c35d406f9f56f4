#include "app/journal_failure_watch.h"

#include "base/log.h"

namespace sluice {

bool JournalFailureWatch::step() {
  told_.resize(pipeline_.journals().size());
  std::size_t failed_sources = 0;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const Journal& journal = pipeline_.journals()[i];
    if (!journal.failed()) continue;
    const bool live = i < receivers_.size();
    if (live) ++failed_sources;
    const std::string& name = pipeline_.metrics().ledger.sources()[i].name;
    Told& told = told_[i];
    if (!told.failed) {
      told.failed = true;
      log_error("journal {}: the file was cut short, or its disk fails{}",
                journal.file().path().string(),
                live ? "; source " + name +
                           " stops, and what of it can be read is written. See to the disk, then "
                           "start again"
                     : "");
      if (live) receivers_.sources()[i].stop();
    }
    // Once for a whole backlog.
    if (journal.unreadable() == told.unreadable || journal.backlog() != 0) continue;
    told.unreadable = journal.unreadable();
    log_error("{}: {} messages that were received cannot be read any more; they are counted as {}",
              name, told.unreadable, to_string(RejectReason::kMalformedJson));
  }
  return receivers_.size() == 0 || failed_sources < receivers_.size();
}

}  // namespace sluice
