#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

struct evp_md_st;
struct evp_md_ctx_st;

namespace sluice {

/// SHA-256 with the algorithm fetched and the context allocated once: a digest then costs a third
/// of the one-shot call, which looks the algorithm up each time.
///
/// Thread: bound to its user. Throws std::runtime_error when OpenSSL has no SHA-256.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  Sha256();

  [[nodiscard]] Digest digest(std::span<const std::uint8_t> bytes) { return digest(bytes, {}); }
  /// Of the two parts in a row.
  [[nodiscard]] Digest digest(std::span<const std::uint8_t> first,
                              std::span<const std::uint8_t> second);

 private:
  struct FreeAlgorithm {
    void operator()(evp_md_st* algorithm) const noexcept;
  };
  struct FreeContext {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };

  std::unique_ptr<evp_md_st, FreeAlgorithm> algorithm_;
  std::unique_ptr<evp_md_ctx_st, FreeContext> context_;
};

}  // namespace sluice
