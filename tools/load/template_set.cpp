#include "template_set.h"

#include <algorithm>
#include <stdexcept>

#include "decode/topic.h"

namespace sluice {

TemplateSet::TemplateSet(RecordSource& capture, const RunMark& mark, std::size_t max_messages) {
  CaptureRecord record;
  std::chrono::milliseconds last{0};
  while (messages_.size() < max_messages && capture.next(record)) {
    last = std::max(last, record.offset);
    add(record, mark);
  }
  if (messages_.empty()) {
    throw std::runtime_error("the capture has no message that an ingestor would store");
  }
  span_seconds_ = static_cast<std::uint32_t>(last.count() / 1000 + 1);
  if (last.count() > 0) {
    recorded_rate_ =
        static_cast<double>(messages_.size()) * 1000 / static_cast<double>(last.count());
  }
}

void TemplateSet::add(const CaptureRecord& record, const RunMark& mark) {
  std::string recorded_id;
  auto message = maker_.make(record, recorded_id);
  if (!message) {
    ++left_out_;
    return;
  }
  const Topic topic(message->topic);
  const auto id_at = static_cast<std::size_t>(topic.observer().data() - message->topic.data());
  const std::string head = message->topic.substr(0, id_at + topic.observer().size());
  const auto [place, is_new] =
      index_by_topic_.emplace(head, static_cast<std::uint32_t>(observers_.size()));
  if (is_new) observers_.push_back({mark.alias_of(head), std::string(topic.region())});
  message->observer = place->second;
  message->topic.replace(id_at, topic.observer().size(), observers_[place->second].id);
  messages_.push_back(std::move(*message));
}

void TemplateSet::forget_observers(const std::vector<bool>& gone) {
  const auto is_gone = [&](const MessageTemplate& message) { return gone[message.observer]; };
  messages_.erase(std::remove_if(messages_.begin(), messages_.end(), is_gone), messages_.end());
  if (messages_.empty()) throw std::runtime_error("no message of the capture is let in");
}

}  // namespace sluice
