//! The processes of the components.
