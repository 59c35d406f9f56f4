#include "decode/topic.h"

namespace sluice {

Topic::Topic(std::string_view text) noexcept : text_(text) {
  for (;;) {
    const std::size_t slash = text.find('/');
    if (levels_ < level_.size()) level_[levels_] = text.substr(0, slash);
    ++levels_;
    if (slash == std::string_view::npos) return;
    text.remove_prefix(slash + 1);
  }
}

bool Topic::is_client_reception() const noexcept {
  return levels_ >= 4 && level_[1] == "client" && level_[3] == "packets";
}

bool Topic::is_below_client() const noexcept { return text_.starts_with("meshcore/client/"); }

bool Topic::is_bridge_state() const noexcept {
  return text_ == "meshcore/status" || text_ == "meshcore/events/connection";
}

bool Topic::is_status() const noexcept { return levels_ >= 4 && level_[3] == "status"; }

bool Topic::is_companion_channel_text() const noexcept {
  return text_.starts_with("meshcore/message/channel/");
}

bool Topic::is_companion_direct_text() const noexcept {
  return text_.starts_with("meshcore/message/direct/");
}

}  // namespace sluice
