#include "registry/bit_stream.h"

#include <cmath>

namespace sidik {

unsigned rice_parameter(double mean) {
  // Of geometric values the smallest k with p^(2^k) <= (sqrt(5) - 1)/2 is best (Gallager and van Voorhis, 1975); with
  // -ln p = 1/(mean + 1/2) nearly, that is 2^k >= 0.4812 (mean + 1/2).
  if (!(mean > 0.7)) return 0;
  const double k = std::ceil(std::log2(mean + 0.5) - 1.0553);
  if (k <= 0) return 0;
  return k < 62 ? static_cast<unsigned>(k) : 62;
}

}  // namespace sidik
