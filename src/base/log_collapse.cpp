#include "base/log_collapse.h"

#include <algorithm>

#include <fmt/format.h>

namespace sluice {

std::vector<std::string> LogCollapse::note(std::string_view text, MonoTime now) {
  std::vector<std::string> lines = take_due(now);
  const auto known = std::find_if(spells_.begin(), spells_.end(),
                                  [text](const Spell& spell) { return spell.text == text; });
  if (known != spells_.end()) {
    if (admits(*known, now)) {
      known->told_at = now;
      lines.emplace_back(text);
    } else {
      ++known->untold;
    }
    return lines;
  }
  if (spells_.size() == kTexts) {
    tell(spells_.front(), now, lines);
    spells_.erase(spells_.begin());
  }
  spells_.push_back({.text = std::string(text), .told_at = now, .began = now});
  lines.emplace_back(text);
  return lines;
}

bool LogCollapse::admits(Spell& spell, MonoTime now) const noexcept {
  if (spell.collapsed) return false;
  if (now - spell.began >= rule_.within) {
    spell.began = now;
    spell.lines = 0;
  }
  spell.collapsed = spell.lines == rule_.lines;
  if (!spell.collapsed) ++spell.lines;
  return !spell.collapsed;
}

std::vector<std::string> LogCollapse::take_due(MonoTime now) {
  std::vector<std::string> lines;
  const auto is_due = [now](const Spell& spell) { return now - spell.told_at >= kTellEvery; };
  spells_.erase(
      std::remove_if(spells_.begin(), spells_.end(),
                     [&](const Spell& spell) { return is_due(spell) && spell.untold == 0; }),
      spells_.end());
  for (Spell& spell : spells_) {
    if (is_due(spell)) tell(spell, now, lines);
  }
  return lines;
}

std::vector<std::string> LogCollapse::end(MonoTime now) {
  std::vector<std::string> lines;
  for (Spell& spell : spells_) tell(spell, now, lines);
  spells_.clear();
  return lines;
}

MonoTime LogCollapse::next_deadline() const noexcept {
  MonoTime next = MonoTime::max();
  for (const Spell& spell : spells_) {
    if (spell.untold > 0) next = std::min(next, spell.told_at + kTellEvery);
  }
  return next;
}

void LogCollapse::tell(Spell& spell, MonoTime now, std::vector<std::string>& lines) {
  if (spell.untold == 0) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(now - spell.told_at).count();
  lines.push_back(spell.untold == 1
                      ? fmt::format("{} (repeated once in the last {} s)", spell.text, seconds)
                      : fmt::format("{} (repeated {} times in the last {} s)", spell.text,
                                    spell.untold, seconds));
  spell.untold = 0;
  spell.told_at = now;
}

}  // namespace sluice
