// Catch2, whichever of its two generations the system has.
#pragma once

#if SIDIK_CATCH2 == 2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
using Catch::Matchers::Contains;
#endif
