// bench-canaries: whether canaries look real, in several layouts.
//
//     bench-canaries [PEOPLE [SEED [LAYOUT]]]
//
// With a layout, what the classifier goes by is printed as well, and the area that each feature has by itself.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "seal/canary_looks.h"

int main(int argc, char** argv) {
  const std::uint64_t people = argc > 1 ? static_cast<std::uint64_t>(std::atoll(argv[1])) : 1500000;
  const std::uint64_t seed = argc > 2 ? static_cast<std::uint64_t>(std::atoll(argv[2])) : 11;
  const std::string_view wanted = argc > 3 ? argv[3] : "";
  struct Kept {
    const char* words;
    const char* filter;
  };
  std::printf("%llu people\n%-12s  %-12s  %8s  %6s  %6s  %8s  %8s  %9s  %8s  %9s  %8s\n",
              static_cast<unsigned long long>(people), "layout", "kept", "canaries", "AUC", "naive", "found", "lost",
              "real", "changed", "real", "invalid");
  for (const auto& [words, filter] : {Kept{"Jakarta", "province=31"}, Kept{"one in 25", "share=0.04@5"}})
    for (const char* layout : {"plain9", "insurance30", "hospital", "bank", "family", "telco"}) {
      if (!wanted.empty() && wanted != layout) continue;
      const auto looks = sidik::looks::look_at(layout, filter, people, seed);
      std::printf("%-12s  %-12s  %8zu  %6.3f  %6.3f  %6.1f %%  %6.1f %%  %7.2f %%  %6.1f %%  %7.2f %%  %8zu\n", layout,
                  words, looks.canaries, looks.auc, looks.naive_auc, looks.found * 100, looks.lost * 100,
                  looks.real_lost * 100, looks.changed * 100, looks.real_changed * 100, looks.invalid);
      for (std::size_t i = 0; i < looks.telling.size() && i < 25 && !wanted.empty(); ++i)
        std::printf("    %5.1f %%  %s\n", looks.telling[i].second * 100, looks.telling[i].first.c_str());
      for (std::size_t i = 0; i < looks.alone.size() && i < 25 && !wanted.empty(); ++i)
        std::printf("    %5.3f    %s\n", looks.alone[i].second, looks.alone[i].first.c_str());
      std::fflush(stdout);
    }
  return 0;
}
