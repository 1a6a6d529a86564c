//! Who must act: caller, peer, network or configuration.
