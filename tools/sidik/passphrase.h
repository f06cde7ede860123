// Where the passphrase of a key comes from: a credential that systemd hands to a service, else the terminal.
#pragma once

#include <string>

#include "base/secret.h"

namespace sidik::command {

/// The passphrase of the key at `place`: the credential `sidik-passphrase` ($CREDENTIALS_DIRECTORY), else asked on the
/// terminal, unseen. Error(kKey) where there is neither.
Secret ask_passphrase(const std::string& place);

/// A new passphrase for it: the credential `sidik-new-passphrase`, else asked twice on the terminal. Error(kKey) where
/// there is neither, Error(kUsage) where it is empty or the two differ.
Secret ask_new_passphrase(const std::string& place);

}  // namespace sidik::command
