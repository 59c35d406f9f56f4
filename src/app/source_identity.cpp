#include "app/source_identity.h"

#include <algorithm>

#include <fmt/format.h>

namespace sluice {

std::string source_identity(const std::vector<SourceConfig>& sources, std::size_t place) {
  const std::string& tag = sources[place].tag;
  const auto namesakes =
      std::count_if(sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(place),
                    [&](const SourceConfig& source) { return source.tag == tag; });
  return namesakes == 0 ? tag : fmt::format("{}\n{}", tag, namesakes);
}

}  // namespace sluice
