// bench-canaries: whether canaries look real, in several layouts.
//
//     bench-canaries [PEOPLE]
#include <cstdio>
#include <cstdlib>

#include "seal/canary_looks.h"

int main(int argc, char** argv) {
  const std::uint64_t people = argc > 1 ? static_cast<std::uint64_t>(std::atoll(argv[1])) : 1500000;
  struct Kept {
    const char* words;
    const char* filter;
  };
  std::printf("%llu people\n%-12s  %-12s  %8s  %6s  %6s  %8s  %8s  %9s  %8s  %9s  %8s\n",
              static_cast<unsigned long long>(people), "layout", "kept", "canaries", "AUC", "naive", "found", "lost",
              "real", "changed", "real", "invalid");
  for (const auto& [words, filter] : {Kept{"Jakarta", "province=31"}, Kept{"one in 25", "share=0.04@5"}})
    for (const char* layout : {"plain9", "insurance30", "hospital", "bank", "family", "telco"}) {
      const auto looks = sidik::looks::look_at(layout, filter, people, 11);
      std::printf("%-12s  %-12s  %8zu  %6.3f  %6.3f  %6.1f %%  %6.1f %%  %7.2f %%  %6.1f %%  %7.2f %%  %8zu\n", layout,
                  words, looks.canaries, looks.auc, looks.naive_auc, looks.found * 100, looks.lost * 100,
                  looks.real_lost * 100, looks.changed * 100, looks.real_changed * 100, looks.invalid);
      std::fflush(stdout);
    }
  return 0;
}
