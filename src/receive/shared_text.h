#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// A short text that one thread sets now and then and others read, without a lock: the setter never
/// waits, a reader that meets it in the act looks again.
///
/// Thread: set() bound to one; get() any.
class SharedText {
 public:
  static constexpr std::size_t kMaxBytes = 120;

  /// Cut at kMaxBytes.
  void set(std::string_view text) noexcept {
    // Odd while the words don't belong together. Each word is stored with release, after this: who
    // acquires a new word therefore sees that the version has moved on, and no fence is needed.
    const std::uint32_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < words_.size(); ++i)
      words_[i].store(word_of(text, i * sizeof(std::uint64_t)), std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  [[nodiscard]] std::string get() const {
    std::array<std::uint64_t, kWords> words;
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    do {
      before = version_.load(std::memory_order_acquire);  // partner: the last store of set()
      for (std::size_t i = 0; i < kWords; ++i)
        words[i] = words_[i].load(std::memory_order_acquire);  // partner: the words of set()
      after = version_.load(std::memory_order_relaxed);
    } while (before != after || before % 2 != 0);
    return text_of(words);
  }

 private:
  static constexpr std::size_t kWords = kMaxBytes / sizeof(std::uint64_t);

  [[nodiscard]] static std::uint64_t word_of(std::string_view text, std::size_t offset) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < sizeof word && offset + i < text.size(); ++i)
      word |= std::uint64_t{static_cast<unsigned char>(text[offset + i])} << (8 * i);
    return word;
  }

  /// Ends at the first NUL.
  [[nodiscard]] static std::string text_of(const std::array<std::uint64_t, kWords>& words) {
    std::string text;
    for (std::size_t i = 0; i < kMaxBytes; ++i) {
      const auto byte = static_cast<char>(words[i / 8] >> (8 * (i % 8)));
      if (byte == '\0') break;
      text += byte;
    }
    return text;
  }

  std::atomic<std::uint32_t> version_{0};
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace sluice
