// What households and donors are found by: not the epoch's secret, so that the canaries of a feed live on when an epoch
// begins.
#pragma once

#include "fingerprints/key.h"
#include "seal/seal_secrets.h"

namespace sidik {

inline Secret people_secret(const SealSecrets& secrets) { return derive(secrets.recipient, "sidik/1/seal/people", 32); }

}  // namespace sidik
