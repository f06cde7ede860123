#include "report/evidence_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "report/plain_text.h"

namespace sidik {
namespace {

struct Kind {
  const char* name;
  std::optional<double> Evidence::*part;
};

constexpr std::array<Kind, 8> kKinds = {{{"membership", &Evidence::membership},
                                         {"versions", &Evidence::versions},
                                         {"form", &Evidence::form},
                                         {"parsimony", &Evidence::parsimony},
                                         {"order", &Evidence::order},
                                         {"canaries", &Evidence::canaries},
                                         {"marks", &Evidence::marks},
                                         {"withheld", &Evidence::withheld}}};

constexpr std::size_t kNameWidth = 12;
constexpr std::size_t kNumberWidth = 9;

std::string right(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string left(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

// Where the running sum stands on a scale of whole columns.
struct Scale {
  double lowest = 0, highest = 0;
  std::size_t columns = 1;
  std::size_t place(double sum) const {
    if (highest - lowest <= 0) return 0;
    return static_cast<std::size_t>(std::lround((sum - lowest) / (highest - lowest) * static_cast<double>(columns)));
  }
};

std::string bar(const Scale& scale, double from, double to) {
  const std::size_t begin = std::min(scale.place(std::min(from, to)), scale.columns - 1);
  const std::size_t end = std::max(scale.place(std::max(from, to)), begin + 1);
  std::string line(begin, ' ');
  for (std::size_t i = begin; i < end; ++i) line += to >= from ? "█" : "▒";
  return line;
}

}  // namespace

std::string evidence_chart(const Evidence& evidence, int width) {
  Scale scale;
  double sum = 0;
  for (const Kind& kind : kKinds) {
    if (const auto& part = evidence.*kind.part) {
      sum += *part;
      scale.lowest = std::min(scale.lowest, sum);
      scale.highest = std::max(scale.highest, sum);
    }
  }
  const std::size_t taken = 2 + kNameWidth + 2 * kNumberWidth + 4;
  scale.columns = static_cast<std::size_t>(std::clamp(width - static_cast<int>(taken), 10, 60));

  std::string out = "  " + left("", kNameWidth) + right("log10", kNumberWidth) + right("so far", kNumberWidth) + "\n";
  std::string untested;
  sum = 0;
  for (const Kind& kind : kKinds) {
    const auto& part = evidence.*kind.part;
    if (!part) {
      untested += (untested.empty() ? "" : ", ") + std::string(kind.name);
      continue;
    }
    out += "  " + left(kind.name, kNameWidth) + right(decades(*part), kNumberWidth) +
           right(decades(sum + *part), kNumberWidth) + "  " + bar(scale, sum, sum + *part) + "\n";
    sum += *part;
  }
  out += "  " + left("together", kNameWidth) + right(decades(sum), kNumberWidth) + "\n";
  if (!untested.empty())
    for (const std::string& line :
         wrapped("not testable with this sample: " + untested, static_cast<std::size_t>(width - 2)))
      out += "  " + line + "\n";
  return out;
}

}  // namespace sidik
