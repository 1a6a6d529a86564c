//! The probe record: its owner, its token, and how one of another run is recognised.
