#pragma once

#include <cstdio>
#include <cstdlib>

// A claim that a fuzz target makes. Not assert(): it must hold in every build, and a violated one
// must end the process so that libFuzzer keeps the input.
#define FUZZ_CHECK(claim)                                                        \
  do {                                                                           \
    if (!(claim)) {                                                              \
      std::fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #claim); \
      std::abort();                                                              \
    }                                                                            \
  } while (false)
