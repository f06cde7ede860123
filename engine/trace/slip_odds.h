// How values that differ from a record's do so: by one slip (a letter or digit wrong, lost or one too many, two
// exchanged), or by more. Errors are mostly slips; other values are as near as chance makes them.
#pragma once

#include <cstdint>

namespace sidik {

/// Of cells that differ and were looked at (slip_search.h).
struct Slips {
  double near = 0;        // one slip away from the record's value
  double far = 0;         // further away
  double log_chance = 0;  // of all of them, ln of how often another row's value is as near, summed
  bool none() const { return near + far <= 0; }
  void scale(double by) {
    near *= by;
    far *= by;
    log_chance *= by;
  }
  void add(const Slips& more, double weight = 1) {
    near += weight * more.near;
    far += weight * more.far;
    log_chance += weight * more.log_chance;
  }
};

/// The slips of one field.
struct FieldSlips {
  std::uint32_t field = 0;
  Slips slips;
};

/// ln of what cells that differ are worth as errors, relative to values of other rows: a share t ~ Beta(4, 1) of errors
/// are single slips (four of five: Damerau 1964), or in three of ten cases errors are of another kind altogether, and
/// no nearer than chance. 0 for none.
double log_errors_near(const Slips& slips);

/// The same of values that somebody else has, or another time: as near as chance makes them, but in one case of five
/// somebody's slips are among them, t ~ Beta(1, 9).
double log_others_near(const Slips& slips);

}  // namespace sidik
