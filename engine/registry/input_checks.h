// What makes an input refused, and what is worth a warning: one place for the sentences.
#pragma once

#include <string>
#include <vector>

#include "registry/export_reading.h"
#include "registry/registration.h"

namespace sidik {

/// Throws Error(kUsage) unless name, feed and recipient can stand in a catalogue: UTF-8 without control characters, at
/// most 200 bytes, and a name at all.
void check_description(const ExportDescription& description);

/// Throws Error(kNameTaken) with what differs, where an export of that name is there under another description.
void require_same_description(const ExportDescription& wanted, const ExportDescription& registered);

/// Throws Error(kRefused) for no rows, too many bad rows, or other than options.expect_rows. `place` names the input.
void check_reading(const ExportReading& reading, const RegistrationOptions& options, const std::string& place);

/// Throws Error(kRefused) with all differences, unless drift is only warned of; then they are the sentences returned.
std::vector<std::string> check_drift(const std::vector<std::string>& drift, const RegistrationOptions& options);

/// What the user should know of how the export was read.
std::vector<std::string> reading_warnings(const ExportReading& reading, const InferenceResult& inference,
                                          const RegistrationOptions& options);

}  // namespace sidik
