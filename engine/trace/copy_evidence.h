// What speaks for one copy beside the rows that are in it, ln of likelihood ratios against outsiders.
#pragma once

#include "trace/attribution.h"

namespace sidik {

/// The sample's form; 0 where nothing can be compared.
double form_evidence(const AttributionInput& in, ExportIndex e);
/// Its order; 0 where no position was asked.
double order_evidence(const AttributionInput& in, ExportIndex e);
/// The best order that any copy has; no less than 0.
double best_order_evidence(const AttributionInput& in);
/// What a copy carries in itself: its order, its marks, and canaries that are not there though they should be; those
/// that are there are rows, which membership counts.
double own_evidence(const AttributionInput& in, ExportIndex e);

}  // namespace sidik
